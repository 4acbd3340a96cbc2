/**
 * Sums: one- and two-digit addition and subtraction in characters, with an exact verifier. Optional tags and written-out steps make
 * it the small sibling of a language model's arithmetic (formats after "Echo Chamber", arXiv 2504.07912).
 */
import { choice, flag, number, type Params, resolveParams, type ValuesOf } from '../core/params';
import { hashText, type Rng } from '../core/rng';
import {
  BOS,
  type ChecklistItem,
  type Completion,
  EOS,
  type Example,
  type Split,
  type Verdict,
  type World,
  type WorldInstance,
} from '../core/world';
import { encode, makeVocabulary } from './text';

const PARAMS = {
  digits: number({ title: 'Digits', help: 'Largest number of digits of an operand.', default: 2, min: 1, max: 2, integer: true }),
  operation: choice({
    title: 'Operation',
    help: 'What is asked. Differences are never negative.',
    default: 'add',
    options: [
      { value: 'add', title: 'Addition' },
      { value: 'subtract', title: 'Subtraction' },
      { value: 'both', title: 'Both' },
    ],
  }),
  format: choice({
    title: 'Format',
    help: 'How an answer is written. In mixed, each example has one of the three, and the policy may choose any.',
    default: 'plain',
    options: [
      { value: 'plain', title: 'Plain: 12+7=19' },
      { value: 'angle', title: 'Angle tags: 12+7=<19>' },
      { value: 'square', title: 'Square tags: 12+7=[19]' },
      { value: 'mixed', title: 'Mixed' },
    ],
  }),
  steps: flag({
    title: 'Written-out steps',
    help: 'The completion works out each column, units first and with the carry, before it gives the answer.',
    default: false,
  }),
  padded: flag({
    title: 'Fixed width',
    help: 'Zeros in front keep every digit at its own position: 12+07=019. Learns faster.',
    default: true,
  }),
  flip: number({
    title: 'Flipped labels',
    help: 'Share of the training pairs, drawn at random, whose right and wrong answers are exchanged: the label noise that cDPO and robust DPO are about. At .5 the labels say nothing. Held-out pairs keep theirs.',
    default: 0,
    min: 0,
    max: 1,
    step: 0.05,
  }),
} as const;

type SumsParams = ValuesOf<typeof PARAMS>;

/** What stands before and after an answer. */
const TAGS = { plain: ['', ''], angle: ['<', '>'], square: ['[', ']'] } as const;
type Format = keyof typeof TAGS;
const FORMATS = Object.keys(TAGS) as Format[];

/** One problem; `a >= b` where it subtracts. */
export interface Problem {
  readonly a: number;
  readonly b: number;
  readonly op: '+' | '-';
}

/** The right result. */
export const resultOf = ({ a, b, op }: Problem): number => (op === '+' ? a + b : a - b);

/** Tens and units. */
const digitsOf = (n: number): readonly [tens: number, units: number] => [Math.floor(n / 10), n % 10];

/**
 * The split of a problem, by a hash: about a fifth of one-digit and a tenth of two-digit problems are held out. a+b and b+a fall
 * on the same side, so a held-out sum is never seen turned round.
 */
export function splitOf({ a, b, op }: Problem, digits: number): Split {
  const key = op === '+' ? `${Math.min(a, b)}+${Math.max(a, b)}` : `${a}-${b}`;
  return hashText(`sums/${key}`) % 1000 < (digits === 1 ? 200 : 100) ? 'test' : 'train';
}

/** Every problem with operands of up to `digits` digits, by split. */
function problemsOf({ digits, operation }: SumsParams): Record<Split, Problem[]> {
  const problems: Record<Split, Problem[]> = { train: [], test: [] };
  const limit = 10 ** digits;
  for (let a = 0; a < limit; a++) {
    for (let b = 0; b < limit; b++) {
      const ops: ('+' | '-')[] = [];
      if (operation !== 'subtract') ops.push('+');
      if (operation !== 'add' && a >= b) ops.push('-');
      for (const op of ops) problems[splitOf({ a, b, op }, digits)].push({ a, b, op });
    }
  }
  return problems;
}

/**
 * The columns of a problem, units first. A column of an addition shows its sum in two digits, so that the carry can be read off:
 * 47+38 is `7+8=15,4+3+1=08`. A column of a subtraction shows what was borrowed in front of the digit: 43-18 is `13-8=5,4-1-1=2`.
 */
export function columnsOf({ a, b, op }: Problem, digits: number): string {
  const [aTens, aUnits] = digitsOf(a);
  const [bTens, bUnits] = digitsOf(b);
  if (op === '+') {
    const carry = aUnits + bUnits > 9 ? 1 : 0;
    const units = `${aUnits}+${bUnits}=${zeroPadded(aUnits + bUnits, 2)}`;
    return digits === 1 ? units : `${units},${aTens}+${bTens}+${carry}=${zeroPadded(aTens + bTens + carry, 2)}`;
  }
  const borrow = aUnits < bUnits ? 1 : 0;
  const units = `${borrow}${aUnits}-${bUnits}=${10 * borrow + aUnits - bUnits}`;
  return digits === 1 ? units : `${units},${aTens}-${bTens}-${borrow}=${aTens - bTens - borrow}`;
}

/** Wrong results that a learner might give: off by one or ten, a forgotten carry or borrow, the last two digits swapped. */
export function plausibleWrong(problem: Problem, width: number): number[] {
  const right = resultOf(problem);
  const [aTens, aUnits] = digitsOf(problem.a);
  const [bTens, bUnits] = digitsOf(problem.b);
  const uncarried =
    problem.op === '+' ? 10 * (aTens + bTens) + ((aUnits + bUnits) % 10) : 10 * (aTens - bTens) + ((aUnits - bUnits + 10) % 10);
  const [, units] = digitsOf(right);
  const tens = Math.floor(right / 10) % 10;
  const swapped = right - 10 * tens - units + 10 * units + tens;
  const candidates = new Set([right + 1, right - 1, right + 10, right - 10, uncarried, swapped]);
  return [...candidates].filter((wrong) => wrong !== right && wrong >= 0 && wrong < 10 ** width);
}

const zeroPadded = (n: number, width: number): string => String(n).padStart(width, '0');

/** How the settings write a problem and an answer. */
function notation(params: SumsParams) {
  const width = params.operation === 'subtract' ? params.digits : params.digits + 1;
  const operand = (n: number): string => (params.padded ? zeroPadded(n, params.digits) : String(n));
  const answer = (n: number): string => (params.padded ? zeroPadded(n, width) : String(n));
  // Captures the number and nothing else; the steps need not be right, only written.
  const body = `${params.steps ? '(?:[-+0-9]+=[0-9]+,)+' : ''}(${params.padded ? `[0-9]{${width}}` : `0|[1-9][0-9]{0,${width - 1}}`})`;
  const patterns = Object.fromEntries(
    FORMATS.map((format) => {
      const [open, close] = TAGS[format].map((tag) => (tag === '' ? '' : `\\${tag}`));
      return [format, new RegExp(`^${open}${body}${close}$`)];
    }),
  ) as Record<Format, RegExp>;
  return {
    width,
    question: ({ a, b, op }: Problem): string => `${operand(a)}${op}${operand(b)}=`,
    completion(problem: Problem, result: number, format: Format): string {
      const [open, close] = TAGS[format];
      return `${open}${params.steps ? `${columnsOf(problem, params.digits)},` : ''}${answer(result)}${close}`;
    },
    /** The number in a completion written in this format; null where it is not. */
    read(text: string, format: Format): number | null {
      const number = patterns[format].exec(text)?.[1];
      return number === undefined ? null : Number(number);
    },
  };
}

/** Longest completion and its end token: steps of both columns, tags and the widest answer. */
function longest({ digits, steps, format }: SumsParams, width: number): number {
  const columns = columnsOf({ a: 0, b: 0, op: '+' }, digits).length + 1;
  return (steps ? columns : 0) + width + (format === 'plain' ? 0 : 2) + 1;
}

/** The last number in a text, whatever stands around it; null where there is none. */
function lastNumber(text: string): number | null {
  const number = /([0-9]+)[^0-9]*$/.exec(text)?.[1];
  return number === undefined ? null : Number(number);
}

/** What is asked of a completion, beginning with what counts most. */
const CHECKLIST = {
  answer: 'Its answer is right',
  last_digit: "Its answer's last digit is right",
  format: 'It is written in the form that the world asks for',
  units_column: 'The column of the units is worked out right',
  tens_column: 'The column of the tens is worked out right, with the carry',
  length: 'It ends, and is no longer than the right answer',
} as const;

/** Columns are asked for where the settings ask for them. */
function itemsOf(problem: Problem, params: SumsParams, { text, ended }: Completion, format: boolean, longest: number): ChecklistItem[] {
  const given = lastNumber(text);
  const right = resultOf(problem);
  const written = text.replace(/[<>[\]]/g, '').split(',');
  const columns = params.steps ? columnsOf(problem, params.digits).split(',') : [];
  const names = ['units_column', 'tens_column'] as const;
  const steps = columns.map((column, i) => ({
    name: names[i] as string,
    weight: 0.5,
    met: written.length > i + 1 && written[i] === column,
  }));
  return [
    { name: 'answer', weight: 1, met: given === right },
    { name: 'last_digit', weight: 0.5, met: given !== null && given % 10 === right % 10 },
    { name: 'format', weight: 0.5, met: format },
    ...steps,
    { name: 'length', weight: 0.25, met: ended && text.length <= longest },
  ];
}

/** Where the last number of a text of single-character tokens stands. */
function lastNumberSpan({ tokens }: Completion, isDigit: (token: number) => boolean): { start: number; end: number } | null {
  const last = tokens.findLastIndex(isDigit);
  if (last === -1) return null;
  let start = last;
  while (start > 0 && isDigit(tokens[start - 1] as number)) start -= 1;
  return { start, end: last + 1 };
}

function create(given: Params): WorldInstance {
  const params = resolveParams(PARAMS, given, 'world.params');
  const vocab = makeVocabulary('0123456789+-=,<>[]', '');
  const problems = problemsOf(params);
  const { width, question, completion, read } = notation(params);
  const allowed: readonly Format[] = params.format === 'mixed' ? FORMATS : [params.format];
  const wellFormed = ({ text, ended }: Completion, format: Format): boolean => ended && read(text, format) !== null;
  const write = (problem: Problem, result: number, format: Format) => [...encode(vocab, completion(problem, result, format)), EOS];
  const sample = (rng: Rng, split: Split): Example & { readonly data: Problem } => {
    const problem = rng.pick(problems[split]);
    return { prompt: [BOS, ...encode(vocab, question(problem))], answer: String(resultOf(problem)), data: problem };
  };
  const isAllowed = (written: Completion): boolean => allowed.some((format) => wellFormed(written, format));
  const modes = FORMATS.map((format) => ({ name: format, contains: (written: Completion) => wellFormed(written, format) }));
  return {
    vocab,
    promptLength: 1 + 2 * params.digits + 2,
    completionLength: longest(params, width),
    ...(params.format === 'mixed' ? { modes } : {}),
    sample,
    verify(example, written): Verdict {
      const format = isAllowed(written) ? 1 : 0;
      const accuracy = lastNumber(written.text) === resultOf(example.data as Problem) ? 1 : 0;
      return { correct: format * accuracy === 1, score: format * accuracy, parts: { format, accuracy } };
    },
    checklist(example, written) {
      const problem = example.data as Problem;
      const lengths = allowed.map((format) => completion(problem, resultOf(problem), format).length);
      return itemsOf(problem, params, written, isAllowed(written), Math.max(...lengths));
    },
    answerSpan: (written) => lastNumberSpan(written, (token) => /^[0-9]$/.test(vocab.tokens[token] ?? '')),
    demonstrate(rng, split) {
      const example = sample(rng, split);
      return { example, completion: write(example.data, resultOf(example.data), rng.pick(allowed)) };
    },
    prefer(rng, split) {
      const example = sample(rng, split);
      const format = rng.pick(allowed);
      const wrong = write(example.data, rng.pick(plausibleWrong(example.data, width)), format);
      const right = write(example.data, resultOf(example.data), format);
      // A stream for each pair: the same ones are drawn at any share, so that runs which differ in it alone can be paired.
      const flipped = split === 'train' && rng.fork(`flip ${example.prompt.join(' ')} ${wrong.join(' ')}`).uniform() < params.flip;
      return { example, chosen: flipped ? wrong : right, rejected: flipped ? right : wrong };
    },
  };
}

export const sums: World = {
  id: 'sums',
  title: 'Sums',
  summary:
    'One- and two-digit arithmetic, character by character. A tenth of the problems is held out, and every answer is checked exactly.',
  policies: ['gpt'],
  rewards: ['exact-match', 'checklist', 'format', 'answer-confidence'],
  checklist: CHECKLIST,
  params: PARAMS,
  suggested: {
    policy: { layers: 2, width: 64, heads: 4 },
    stages: [{ objective: 'sft', training: { steps: 1000, batchSize: 64, lr: 0.003 } }],
  },
  create,
};
