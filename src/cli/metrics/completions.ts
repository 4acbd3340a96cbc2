/** Diversity of completions: every metric is taken within a prompt, then the mean over prompts, as during a run. */
import { completionEntropyOf } from '../../metrics/completion-entropy';
import { distinctN } from '../../metrics/distinct';
import { eadOf } from '../../metrics/ead';
import { effectiveDiversityOf, type Outcome } from '../../metrics/effective-diversity';
import { meanOfKnown, type Written } from '../../metrics/ngrams';
import { pairwiseDistanceOf } from '../../metrics/pairwise-distance';
import { selfBleuOf } from '../../metrics/self-bleu';
import { uniqueFraction } from '../../metrics/unique-completions';
import { vendiOf } from '../../metrics/vendi';
import { type Answer, type Detail, defineEntry, groupBy, type MetricEntry, type Option, type Settings } from './define';
import { flagOf, has, InputError, inWords, numberOf, type Row, wrong } from './rows';

/** One completion as it stands in a line. */
export interface Sample {
  readonly line: number;
  readonly prompt: string;
  readonly tokens: readonly string[];
  /** Null where the line does not judge it. */
  readonly good: boolean | null;
}

const COMPLETION = 'Give the completion as a text, or as a list of its tokens.';
const READS =
  '"completion": a text or a list of tokens; "prompt" (optional): lines of one prompt are compared with each other; "correct" (optional): true or false, or "quality": a number held against --threshold. Where lines are judged, the metric is given among the good ones too ("gated").';
export const EXAMPLES = [
  '{"prompt": "2+3=", "completion": "the sum is 5", "correct": true}',
  '{"prompt": "2+3=", "completion": "it is 5", "correct": true}',
];

/** The judgement of a line: `correct`, or `quality` against the threshold; null for neither. */
export function judgementOf(row: Row, { threshold }: Settings): boolean | null {
  if (has(row, 'correct')) return flagOf(row, 'correct', 'Give true where the completion is right and false where it is not.');
  if (!has(row, 'quality')) return null;
  return numberOf(row, 'quality', 'Give a number; completions of at least --threshold count as good.') >= threshold;
}

/** What a line says its prompt is; lines without one belong together. */
export function promptOf({ fields }: Row): string {
  const prompt = fields.prompt ?? '';
  return typeof prompt === 'string' ? prompt : JSON.stringify(prompt);
}

function readSample(row: Row, settings: Settings): Sample {
  const { completion } = row.fields;
  if (completion === undefined || completion === null) wrong('completion', 'is missing', COMPLETION);
  return { line: row.line, prompt: promptOf(row), tokens: tokensOf(completion, settings), good: judgementOf(row, settings) };
}

export function tokensOf(completion: unknown, { by }: Settings): string[] {
  if (typeof completion === 'string') return by === 'characters' ? Array.from(completion) : completion.split(/\s+/).filter(Boolean);
  if (!Array.isArray(completion)) return wrong('completion', `is ${inWords(completion)}, neither a text nor a list`, COMPLETION);
  return completion.map((token: unknown, i) => {
    if (typeof token === 'string' || typeof token === 'number') return `${typeof token} ${token}`;
    return wrong(`completion[${i}]`, `is ${inWords(token)}, neither a text nor a number`, COMPLETION);
  });
}

/** @throws InputError where some lines are judged and others are not. */
function isJudged(samples: readonly Sample[]): boolean {
  const judged = samples.some(({ good }) => good !== null);
  const lacking = samples.find(({ good }) => good === null);
  if (judged && lacking !== undefined) {
    throw new InputError(`Line ${lacking.line}: lacks "correct" (or "quality"), which other lines have. Judge every line or none.`);
  }
  return judged;
}

/** Tokens as numbers, the same in every completion. */
function numbered(samples: readonly Sample[]): { groups: (Written & { good: boolean | null })[][]; vocabulary: number } {
  const ids = new Map<string, number>();
  const idOf = (token: string): number => {
    const id = ids.get(token) ?? ids.size;
    ids.set(token, id);
    return id;
  };
  const prompts = [...groupBy(samples, ({ prompt }) => prompt).values()];
  const groups = prompts.map((group) => group.map(({ tokens, good }) => ({ tokens: tokens.map(idOf), good })));
  return { groups, vocabulary: ids.size };
}

interface Diversity {
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly title: string;
  readonly rule: string;
  readonly options?: readonly Option[];
  /** Why the value may be missing. */
  readonly needs: string;
  of(completions: readonly Written[], settings: Settings, vocabulary: number): number;
  extra?(groups: readonly (readonly Written[])[], settings: Settings, vocabulary: number): Readonly<Record<string, Detail>>;
}

/** A metric of the completions of one prompt, with its version among the good ones. */
const diversity = ({ of, extra, needs, options = [], ...rest }: Diversity): MetricEntry =>
  defineEntry<Sample>({
    ...rest,
    reads: READS,
    examples: EXAMPLES,
    options: [...options, 'by', 'threshold'],
    read: readSample,
    compute(samples, settings): Answer {
      const judged = isJudged(samples);
      const { groups, vocabulary } = numbered(samples);
      const over = (some: readonly (readonly Written[])[]): number =>
        meanOfKnown(some.map((completions) => of(completions, settings, vocabulary)));
      const value = over(groups);
      return {
        value,
        details: {
          ...(judged ? { gated: over(groups.map((group) => group.filter(({ good }) => good === true))) } : {}),
          prompts: groups.length,
          completions: samples.length,
          ...extra?.(groups, settings, vocabulary),
        },
        ...(Number.isNaN(value) ? { note: needs } : {}),
      };
    },
  });

const TWO = 'It compares completions of one prompt, so a prompt needs two or more lines.';

export const COMPLETIONS: readonly MetricEntry[] = [
  diversity({
    id: 'distinct-n',
    aliases: ['distinct'],
    title: 'Distinct-n: unique n-grams over all n-grams',
    rule: 'n is 1 unless --n says otherwise (distinct-2 is short for distinct-n --n 2); n from 1 to 4 is listed beside it.',
    options: ['n'],
    needs: 'No completion is n tokens long.',
    of: (completions, { n = 1 }) => distinctN(completions, n),
    extra: (groups) => ({
      by_n: [1, 2, 3, 4].map((n) => ({ n, distinct: meanOfKnown(groups.map((completions) => distinctN(completions, n))) })),
    }),
  }),
  diversity({
    id: 'ead',
    title: 'Expectation-adjusted distinct: unique tokens over those expected of uniform draws',
    rule: 'The vocabulary is the number of different tokens in the input unless --vocabulary gives its size.',
    options: ['vocabulary'],
    needs: 'No completion has a token.',
    of: (completions, { vocabulary }, found) => eadOf(completions, vocabulary ?? found),
    extra: (_groups, { vocabulary }, found) => ({ vocabulary: vocabulary ?? found }),
  }),
  diversity({
    id: 'self-bleu',
    title: 'Self-BLEU: mean BLEU of each completion against the others; high where they repeat each other',
    rule: 'Orders 1 to --n (4), those that a completion has; an order above 1 without a match counts as .1 matches.',
    options: ['n'],
    needs: TWO,
    of: (completions, { n }) => selfBleuOf(completions, n),
  }),
  diversity({
    id: 'vendi',
    aliases: ['vendi-score'],
    title: 'Vendi score: effective number of different completions',
    rule: 'Similarity is the cosine of n-gram counts, mean over the orders 1 to --n (2).',
    options: ['n'],
    needs: 'There are no completions.',
    of: (completions, { n }) => vendiOf(completions, n),
  }),
  diversity({
    id: 'pairwise-distance',
    aliases: ['cosine', 'cosine-distance'],
    title: 'Mean of 1 - cosine similarity over pairs of completions',
    rule: 'Similarity is the cosine of n-gram counts, mean over the orders 1 to --n (2).',
    options: ['n'],
    needs: TWO,
    of: (completions, { n }) => pairwiseDistanceOf(completions, n),
  }),
  diversity({
    id: 'unique-completions',
    aliases: ['unique'],
    title: 'Share of completions that differ from one another',
    rule: '1 / lines of the prompt where all are the same.',
    needs: 'There are no completions.',
    of: uniqueFraction,
  }),
  defineEntry<Outcome & { readonly prompt: string }>({
    id: 'effective-diversity',
    aliases: ['effective-semantic-diversity'],
    title: 'Effective semantic diversity: different outcomes of good completions over all completions',
    reads:
      '"correct": true or false, or "quality": a number held against --threshold; "outcome": what the completion amounts to (default: "completion" itself); "prompt" (optional).',
    examples: ['{"prompt": "make 6", "completion": "2 3 *", "outcome": "6", "correct": true}'],
    options: ['threshold'],
    rule: 'Given beside it: the share of all pairs of completions that are both good and differ in outcome ("pairs"). Means over prompts.',
    read(row, settings) {
      const outcome = row.fields.outcome ?? row.fields.completion;
      if (outcome === undefined || outcome === null)
        wrong('outcome', 'is missing', 'Give what the completion amounts to, or the completion.');
      const good = judgementOf(row, settings);
      if (good === null) wrong('correct', 'is missing', 'Give true or false, or a number as "quality".');
      return { prompt: promptOf(row), outcome: JSON.stringify(outcome), good };
    },
    compute(samples) {
      const prompts = [...groupBy(samples, ({ prompt }) => prompt).values()];
      const each = prompts.map(effectiveDiversityOf);
      return {
        value: meanOfKnown(each.map(({ distinct }) => distinct)),
        details: { pairs: meanOfKnown(each.map(({ pairs }) => pairs)), prompts: prompts.length, completions: samples.length },
      };
    },
  }),
  defineEntry<{ mode: string; good: boolean }>({
    id: 'mode-coverage',
    aliases: ['coverage'],
    title: 'Share of the right ways of answering that at least one good completion uses',
    reads: '"mode": the name of the way in which the completion answers; "correct" or "quality" (optional): only good ones count.',
    examples: ['{"mode": "worked out", "correct": true}'],
    options: ['modes', 'threshold'],
    rule: 'There are as many modes as names in the input unless --modes gives their number.',
    read(row, settings) {
      const { mode } = row.fields;
      if (typeof mode !== 'string' && typeof mode !== 'number') wrong('mode', `is ${inWords(mode)}`, 'Give the name of a mode.');
      return { mode: String(mode), good: judgementOf(row, settings) ?? true };
    },
    compute(items, { modes }) {
      const named = groupBy(items, ({ mode }) => mode);
      const used = [...named.values()].filter((group) => group.some(({ good }) => good)).length;
      if (modes !== undefined && modes < named.size) throw new InputError(`--modes is ${modes}, but the input names ${named.size} modes.`);
      const shares = [...named].map(([mode, group]) => ({
        mode,
        good: group.filter(({ good }) => good).length,
        completions: group.length,
      }));
      return { value: used / (modes ?? named.size), details: { modes: modes ?? named.size, used, by_mode: shares } };
    },
  }),
];

/** Entropy of the completions of a prompt, for the entropy metric. */
export function sampledEntropyOf(rows: readonly { prompt: string; tokens: readonly string[] }[]): number {
  const { groups } = numbered(rows.map((row) => ({ ...row, line: 0, good: null })));
  return meanOfKnown(groups.map(completionEntropyOf));
}
