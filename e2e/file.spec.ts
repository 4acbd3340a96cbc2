import { expect, test } from './lab-page';

const jsonl = (name: string, lines: readonly string[]) => ({ name, mimeType: 'application/jsonl', buffer: Buffer.from(lines.join('\n')) });

test('bad lines of a file are listed by number, and the rest trains', async ({ lab }) => {
  const good = Array.from({ length: 20 }, (_, i) => JSON.stringify({ prompt: `${i} plus ${i} is `, completion: `${2 * i}` }));
  const lines = [...good.slice(0, 2), '{"prompt": "cut off', ...good.slice(2, 6), '{"prompt": "no completion"}', ...good.slice(6)];
  await lab.fileInput.setInputFiles(jsonl('pairs.jsonl', lines));
  await expect(lab.fileProblems).toContainText(/\b3\b/);
  await expect(lab.fileProblems).toContainText(/\b8\b/);
  await lab.train.click();
  await expect.poll(() => lab.steps()).toBeGreaterThan(0);
});

for (const [what, buffer] of [
  ['an empty file', Buffer.alloc(0)],
  ['a binary file', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0xff, 0xfe, 0xfd])],
] as const) {
  test(`${what} gets a sentence, and the page goes on`, async ({ lab }) => {
    await lab.fileInput.setInputFiles({ name: 'data.jsonl', mimeType: 'application/octet-stream', buffer });
    await expect(lab.fileProblems).toContainText(/\w+ \w+ .*\./);
    await lab.train.click();
    await expect.poll(() => lab.steps()).toBeGreaterThan(0);
  });
}
