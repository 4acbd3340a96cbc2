import { unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { BundleError, readBundle, writeBundle } from './bundle';
import { aRun, checkpointAt } from './bundle.fixture';
import type { BundleRun } from './bundle-format';

const DATE = new Date('2026-01-02T03:04:05Z');
const write = (...runs: BundleRun[]) => writeBundle(runs, DATE);

/** A bundle whose files are changed before it is zipped again. */
async function changed(change: (files: Record<string, Uint8Array>) => void): Promise<Uint8Array> {
  const files = unzipSync(await write(aRun()));
  change(files);
  return zipSync(files);
}
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** The sentence that a file is refused with. */
async function refusal(bytes: Uint8Array): Promise<string> {
  const outcome = await readBundle(bytes).then(
    () => new Error('was accepted'),
    (error: unknown) => error,
  );
  expect(outcome).toBeInstanceOf(BundleError);
  const { message } = outcome as Error;
  expect(message).toMatch(/^[A-Z\w].*\.$/s);
  return message;
}

/** With index entries that are as the files say, so that only the content is at fault. */
const reindexed = (name: string, content: string) =>
  changed((files) => {
    files[name] = text(content);
    const index = JSON.parse(new TextDecoder().decode(files['bundle.json']));
    // The CRC-32 of a stored zip entry stands in its local header, at byte 14.
    const crc = new DataView(zipSync({ x: [text(content), { level: 0 }] }).buffer).getUint32(14, true);
    index.files[name] = { bytes: text(content).length, crc32: crc.toString(16).padStart(8, '0') };
    files['bundle.json'] = text(JSON.stringify(index));
  });

describe('a bundle', () => {
  it('brings everything back as it was, bit for bit', async () => {
    const run = aRun();
    const { runs } = await readBundle(await write(run));
    expect(runs).toEqual([run]);
    const [back] = runs as [BundleRun];
    expect(Object.is(back.series.columns.loss?.[2], -0)).toBe(true);
    expect(Object.is(back.checkpoint?.theta[1], -0)).toBe(true);
    expect(back.checkpoint?.pool?.tokens[3]).toBe(16_777_217);
    // What did not change from one moment to the next is shared again.
    expect(back.distributions[1]?.value.reference).toBe(back.distributions[0]?.value.reference);
  });

  it('keeps several runs apart, of one name too, and a file that they share once', async () => {
    const bytes = await write(aRun(), aRun({ id: 'abc-1' }, { checkpoint: null, slices: null }));
    expect((await readBundle(bytes)).runs.map(({ about }) => about.id)).toEqual(['abc-0', 'abc-1']);
    expect(Object.keys(unzipSync(bytes)).filter((name) => name.startsWith('datasets/'))).toEqual(['datasets/f00d.jsonl']);
  });

  it('is the same file for the same runs, and lets others have their turn', async () => {
    let turns = 0;
    const paused = await writeBundle([aRun()], DATE, async () => {
      turns += 1;
    });
    expect(paused).toEqual(await write(aRun()));
    expect(turns).toBeGreaterThan(5);
  });

  it('can be opened where somebody has packed its folder again', async () => {
    const files = unzipSync(await write(aRun()));
    const inFolder = Object.fromEntries(Object.entries(files).map(([name, content]) => [`bundle/${name}`, content]));
    expect((await readBundle(zipSync({ ...inFolder, '__MACOSX/bundle/x': text('') }))).runs).toEqual([aRun()]);
  });

  it('has a checkpoint that other tools read: a safetensors header, and data at eight bytes', async () => {
    const files = unzipSync(await write(aRun()));
    const bytes = files['runs/01-amber-heron/checkpoint.safetensors'] as Uint8Array;
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    expect((8 + length) % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header.theta).toEqual({ dtype: 'F32', shape: [3], data_offsets: [0, 12] });
    expect(header['pool.tokens'].dtype).toBe('I32');
    expect(new DataView(bytes.buffer, bytes.byteOffset + 8 + length).getFloat32(0, true)).toBe(Math.fround(0.1));
  });
});

describe('a file that cannot be used', () => {
  it('is refused with a sentence where it is cut off anywhere', async () => {
    const whole = await write(aRun());
    for (const share of [0, 0.1, 0.5, 0.9, 0.999]) await refusal(whole.slice(0, Math.floor(share * whole.length)));
  });

  it('is never taken for whole with a bit changed in any file', async () => {
    const run = aRun();
    const whole = await write(run);
    let refused = 0;
    for (let at = 40; at < whole.length; at += 97) {
      const bad = whole.slice();
      bad[at] = (bad[at] as number) ^ 0x10;
      const outcome = await readBundle(bad).catch((error: unknown) => error);
      if (outcome instanceof BundleError) refused += 1;
      // What a bit in a time stamp or in the README changes is nothing that is read.
      else expect((outcome as { runs: unknown }).runs).toEqual([run]);
    }
    expect(refused).toBeGreaterThan(20);
  });

  it('is told from other zip files and other versions', async () => {
    expect(await refusal(zipSync({ 'word/document.xml': text('<x/>') }))).toContain('no run bundle');
    expect(await refusal(zipSync({}))).toContain('no run bundle');
    expect(await refusal(text('{"text": "no zip"}'))).toContain('no zip');
    expect(await refusal(zipSync({ 'bundle.json': text('{"format": "another"}') }))).toContain('something else');
    expect(await refusal(zipSync({ 'bundle.json': text('[') }))).toContain('not JSON');
    expect(await refusal(zipSync({ 'bundle.json': text('{"format": "objective-lab-bundle", "version": 2}') }))).toContain('A newer lab');
  });

  it('is refused before it is unpacked where it would be far larger than it is', async () => {
    const bomb = zipSync({ 'bundle.json': new Uint8Array(40_000_000) });
    expect(bomb.length).toBeLessThan(50_000);
    expect(await refusal(bomb)).toMatch(/would unpack to 39 MB/);
    // A size that is a lie, of nearly four gigabytes.
    const liar = zipSync({ 'bundle.json': text('{}') });
    const view = new DataView(liar.buffer);
    view.setUint32(view.getUint32(liar.length - 6, true) + 24, 0xfffffff0, true);
    expect(await refusal(liar)).toMatch(/would unpack to 4096 MB/);
  });

  it.each([
    ['run.json', '{"id": 3}', /run\.json cannot be used: id: expected a text/],
    ['run.json', '[]', /expected an object/],
    ['series.csv', 'step,a,a\n0,1,1\n', /none of them twice/],
    ['series.csv', 'step,a\n1,1\n0,1\n', /line 3, cannot be used: expected a step after/],
    ['series.csv', 'step,a\n0,x\n', /"x" is no number/],
    ['series.csv', 'step,a\n0\n', /expected 2 values, found 1/],
    ['samples.jsonl', '{"step": 0, "samples": [{"prompt": 1}]}\n', /line 1, cannot be used: entry 1: prompt: expected a text/],
    ['samples.jsonl', '{"step": 4, "samples": []}\n{"step": 4, "samples": []}\n', /line 2, cannot be used: expected a step after/],
    [
      'distributions.jsonl',
      '{"step": 0, "labels": ["a"], "policy": [1, 2], "reference": [1], "reward": [1], "optimum": null}',
      /as many numbers/,
    ],
    ['diagnoses.jsonl', '{"step": 0, "diagnosis": {"stage": 0}}', /data: expected a text/],
    ['slices.json', '{"step": 0, "names": "x"}', /names: expected a list/],
    ['checkpoint.safetensors', 'short', /no safetensors file/],
    ['checkpoint.safetensors', `${'\u0002'}\0\0\0\0\0\0\0{}`, /header cannot be read/],
  ])('names %s and what was expected there: %s', async (name, content, message) => {
    expect(await refusal(await reindexed(`runs/01-amber-heron/${name}`, content))).toMatch(message);
  });

  it('is refused where a file is missing, or a checkpoint does not hold together', async () => {
    expect(await refusal(await changed((files) => delete files['runs/01-amber-heron/series.csv']))).toMatch(/series\.csv is missing/);
    expect(await refusal(await changed((files) => Object.assign(files, { 'runs/01-amber-heron/run.json': text('{}') })))).toMatch(
      /damaged/,
    );
    const uneven = { ...checkpointAt(10), m: Float32Array.of(1) };
    expect(await refusal(await write(aRun({}, { checkpoint: uneven })))).toMatch(/its vectors differ in length/);
    const strange = { ...checkpointAt(10), layout: { size: 3, slices: [{ name: 'logits', offset: -1, shape: [3] }] } };
    expect(await refusal(await write(aRun({}, { checkpoint: strange })))).toMatch(
      /layout: slices: entry 1: offset: expected a whole number/,
    );
    expect(await refusal(await write(aRun({}, { checkpoint: checkpointAt(21) })))).toMatch(/is of step 21, and the run has 20/);
  });
});
