import { describe, expect, it } from 'vitest';
import { MAX_BYTES, parseDataset } from './jsonl';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseDataset('a.jsonl', bytesOf(text));
const lines = (...values: unknown[]) =>
  parse(values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\n'));
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

describe('each dataset type', () => {
  it.each([
    ['text', { text: '2+3=5' }, 'language-modeling', { prompt: '', completion: '2+3=5' }],
    ['messages', { messages: [user('2+3='), assistant('5')] }, 'language-modeling', { prompt: '', completion: '2+3=\n5' }],
    ['prompt-completion', { prompt: '2+3=', completion: '5' }, 'prompt-completion', { prompt: '2+3=', completion: '5' }],
    [
      'conversational prompt-completion',
      { prompt: [user('2+3=')], completion: [assistant('5')] },
      'prompt-completion',
      { prompt: '2+3=\n', completion: '5' },
    ],
    ['preference', { prompt: '2+3=', chosen: '5', rejected: '6' }, 'preference', { prompt: '2+3=', chosen: '5', rejected: '6' }],
    [
      'conversational preference',
      { prompt: [user('2+3=')], chosen: [assistant('5')], rejected: [assistant('6')] },
      'preference',
      { prompt: '2+3=\n', chosen: '5', rejected: '6' },
    ],
    ['implicit prompt', { chosen: '2+3=5', rejected: '2+3=6' }, 'preference', { prompt: '2+3=', chosen: '5', rejected: '6' }],
    [
      'conversational implicit prompt',
      { chosen: [user('2+3='), assistant('5')], rejected: [user('2+3='), assistant('6')] },
      'preference',
      { prompt: '2+3=\n', chosen: '5', rejected: '6' },
    ],
    ['unpaired', { prompt: '2+3=', completion: '5', label: true }, 'unpaired', { prompt: '2+3=', completion: '5', label: true }],
    ['prompt-only', { prompt: '2+3=', answer: '5', source: 'me' }, 'prompt-only', { prompt: '2+3=', answer: '5' }],
    ['a number as the answer', { prompt: '2+3=', answer: 5 }, 'prompt-only', { prompt: '2+3=', answer: '5' }],
  ])('%s', (_name, line, kind, row) => {
    const { dataset, problemCount, error } = lines(line);
    expect(error).toBeNull();
    expect(problemCount).toBe(0);
    expect(dataset?.kind).toBe(kind);
    expect(dataset?.rows).toEqual([row]);
  });

  it('leaves something of both sides of an implicit prompt', () => {
    expect(lines({ chosen: '5', rejected: '56' }).dataset?.rows).toEqual([{ prompt: '', chosen: '5', rejected: '56' }]);
    // The two emoji share their first UTF-16 unit, which is not a character.
    expect(lines({ chosen: 'a😀', rejected: 'a😁' }).dataset?.rows).toEqual([{ prompt: 'a', chosen: '😀', rejected: '😁' }]);
  });
});

describe('lines', () => {
  const good = { prompt: 'a', completion: 'b' };

  it('may end as on any system, begin with a byte order mark, and be blank', () => {
    const row = JSON.stringify(good);
    const { dataset, problems } = parse(`\ufeff${row}\r\n\r\n${row}\n   \n${row}\r${row}`);
    expect(dataset?.rows).toHaveLength(4);
    expect(problems).toEqual([]);
  });

  it('are left out with their number and the reason, and the rest is used', () => {
    const { dataset, problems, problemCount, error } = lines(good, '', '{"prompt": "a",', good, 7, { prompt: 'a', completion: 3 });
    expect(error).toBeNull();
    expect(dataset?.rows).toEqual([good, good]);
    expect(problemCount).toBe(3);
    expect(problems).toEqual([
      { line: 3, reason: 'is not valid JSON' },
      { line: 5, reason: 'is not a JSON object in braces' },
      { line: 6, reason: '"completion" should be a text or a list of messages, but is a number' },
    ]);
  });

  it.each([
    ['another kind', { chosen: 'a', rejected: 'b' }, 'has chosen and rejected, but the lines before it have prompt and completion'],
    ['an empty text', { prompt: 'a', completion: '' }, '"completion" is empty'],
    ['an empty prompt', { prompt: '', completion: 'a' }, '"prompt" is empty'],
    ['an empty conversation', { prompt: 'a', completion: [] }, '"completion" is empty'],
    ['equal sides', { prompt: 'a', chosen: 'b', rejected: 'b' }, '"chosen" and "rejected" are the same'],
    ['roles that alone differ', { chosen: [user('b')], rejected: [assistant('b')] }, '"chosen" and "rejected" are the same'],
    ['one side', { prompt: 'a', chosen: 'b' }, 'lacks "rejected"'],
    ['a label in words', { prompt: 'a', completion: 'b', label: 'yes' }, '"label" should be true or false, but is a text'],
    ['null', { prompt: null, completion: 'b' }, '"prompt" should be a text or a list of messages, but is null'],
    ['a bad message', { prompt: 'a', completion: [{ role: 'user' }] }, '"completion": message 1 needs a role and a content, both texts'],
    ['a text for messages', { messages: 'a' }, '"messages" should be a list of messages, but is a text'],
    ['a prompt alone', { prompt: 'a' }, 'has a prompt but nothing to learn from: add a completion, chosen and rejected, or an answer'],
    ['a completion alone', { completion: 'a' }, 'has a completion but neither a prompt nor a label'],
    ['a list', [1], 'is not a JSON object in braces'],
    [
      'unknown fields',
      { question: 'a' },
      'has no field that is known here, such as prompt, completion, chosen, rejected, text or messages; found "question"',
    ],
  ])('with %s', (_name, line, reason) => {
    expect(lines(good, line).problems).toEqual([{ line: 2, reason }]);
  });

  it('are all counted but not all listed', () => {
    const { problems, problemCount } = parse(`${JSON.stringify(good)}\n${'x\n'.repeat(500)}`);
    expect(problemCount).toBe(500);
    expect(problems).toHaveLength(200);
  });
});

describe('a file of which nothing can be used', () => {
  const errorOf = (bytes: Uint8Array) => {
    const { dataset, error } = parseDataset('a', bytes);
    expect(dataset).toBeNull();
    return error;
  };

  it.each([
    ['empty', bytesOf(''), 'The file is empty.'],
    ['blank', bytesOf('\n \r\n'), 'The file is empty: it has nothing but blank lines.'],
    ['huge', new Uint8Array(MAX_BYTES + 1), 'The file has 65 MB; at most 64 MB can be loaded.'],
    [
      'binary',
      Uint8Array.of(0x89, 0x50, 0, 1),
      'The file is binary, not text. What is needed is JSON Lines: one JSON object on each line.',
    ],
    ['in Latin-1', Uint8Array.of(0x7b, 0xe9, 0x7d), 'The file is not encoded as UTF-8. Save it as UTF-8 and load it again.'],
    ['in UTF-16', Uint8Array.of(0xff, 0xfe, 0x7b, 0), 'The file is encoded as UTF-16. Save it as UTF-8 and load it again.'],
    [
      'a JSON list',
      bytesOf('[\n{"text":"a"},\n{"text":"b"}\n]'),
      'The file is one JSON list. Put each object on a line of its own, without the brackets around the list and the commas between the objects.',
    ],
    [
      'one object over lines',
      bytesOf('{\n"text":"a"\n}'),
      'The file is one JSON object over several lines. Put each object on a line of its own.',
    ],
    ['prose', bytesOf('Once upon\na time'), 'None of the 2 lines can be used. Line 1: is not a JSON object in braces.'],
    ['one bad line', bytesOf('\nfoo'), 'The only line cannot be used. Line 2: is not a JSON object in braces.'],
  ])('%s', (_name, bytes, sentence) => {
    expect(errorOf(bytes)).toBe(sentence);
  });

  it('has too many characters', () => {
    const every = Array.from({ length: 2001 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join('');
    expect(errorOf(bytesOf(JSON.stringify({ text: every })))).toBe(
      'The file uses 2,001 different characters; a character-level vocabulary here holds at most 2,000.',
    );
    expect(parse(JSON.stringify({ text: every.slice(1) })).error).toBeNull();
  });
});

describe('the id', () => {
  it('depends on the content and not on the name', () => {
    const one = bytesOf('{"text":"a"}');
    expect(parseDataset('x', one).dataset?.id).toBe(parseDataset('y', one).dataset?.id);
    expect(parse('{"text":"b"}').dataset?.id).not.toBe(parse('{"text":"a"}').dataset?.id);
    expect(parse('{"text":"a"}').dataset?.id).toMatch(/^[0-9a-f]{16}$/);
  });
});
