/** Distributions over the same outcomes, and log-probabilities of samples. */
import { entropy, kl, totalVariation } from '../../metrics/exact';
import { k1, k2, k3 } from '../../metrics/kl-estimators';
import { promptOf, sampledEntropyOf, tokensOf } from './completions';
import { type Answer, defineEntry, type MetricEntry, mean } from './define';
import { has, InputError, numberOf, numbersOf, type Row, wrong } from './rows';

interface Pair {
  readonly p: number[];
  readonly q: number[];
}

/** Log-probabilities of one sampled completion, summed over its tokens. */
interface Scored {
  readonly logp: number;
  readonly refLogp: number;
}

const SUM_TOLERANCE = 1e-6;

function distributionOf(row: Row, field: string): number[] {
  const p = numbersOf(row, field, 'Give the probability of every outcome; together they are 1.', { min: 0 });
  const total = p.reduce((sum, value) => sum + value, 0);
  if (Math.abs(total - 1) > SUM_TOLERANCE)
    wrong(field, `sums to ${Number(total.toPrecision(8))}, not to 1`, `Divide every entry by ${Number(total.toPrecision(8))}.`);
  return p;
}

function pairOf(row: Row): Pair {
  const [p, q] = [distributionOf(row, 'p'), distributionOf(row, 'q')];
  if (p.length !== q.length) wrong('q', `has ${q.length} entries and "p" has ${p.length}`, 'Give both over the same outcomes.');
  return { p, q };
}

/** A log-probability: of the whole completion, or of each of its tokens. */
function logpOf(row: Row, field: string): number {
  const remedy = 'Give the log-probability of the completion, or a list of those of its tokens, in nats.';
  if (!Array.isArray(row.fields[field])) return numberOf(row, field, remedy, { max: 0 });
  return numbersOf(row, field, remedy, { max: 0 }).reduce((sum, value) => sum + value, 0);
}

/** All items of one kind. @throws InputError where lines are of several kinds. */
function only<T, U extends T>(items: readonly T[], is: (item: T) => item is U): readonly U[] | null {
  const those = items.filter(is);
  if (those.length > 0 && those.length < items.length) {
    throw new InputError('Some lines hold distributions and others hold samples. Give one kind on every line.');
  }
  return those.length > 0 ? those : null;
}

const isPair = (item: Pair | Scored): item is Pair => 'p' in item;

const PAIR = '{"p": [0.5, 0.5], "q": [0.25, 0.75]}';

type Spread = { readonly p: number[] } | { readonly logp: number } | { readonly prompt: string; readonly tokens: readonly string[] };

function spreadOf(items: readonly Spread[]): Answer {
  const exact = only(items, (item): item is { p: number[] } => 'p' in item);
  if (exact !== null) {
    const each = exact.map(({ p }) => entropy(p));
    return { value: mean(each), details: { from: 'distributions', each, effective_outcomes: mean(each.map(Math.exp)) } };
  }
  const scored = only(items, (item): item is { logp: number } => 'logp' in item);
  if (scored !== null)
    return { value: -mean(scored.map(({ logp }) => logp)), details: { from: 'log-probabilities of samples', samples: scored.length } };
  const written = items.filter((item) => 'tokens' in item);
  return { value: sampledEntropyOf(written), details: { from: 'frequencies of completions', completions: written.length } };
}

export const DISTRIBUTIONS: readonly MetricEntry[] = [
  defineEntry<Spread>({
    id: 'entropy',
    title: 'Entropy in nats',
    reads:
      '"p": a distribution (exact); or "logp": the log-probability of a sampled completion, or those of its tokens (mean of -log p); or "completion" with "prompt" (entropy of the frequencies of whole completions of a prompt).',
    examples: ['{"p": [0.5, 0.25, 0.25]}', '{"logp": [-0.2, -1.1]}', '{"prompt": "2+3=", "completion": "5"}'],
    options: ['by'],
    rule: 'Mean over the lines, or over the prompts. Frequencies of few samples give less than the entropy of the policy.',
    read(row, settings) {
      if (has(row, 'p')) return { p: distributionOf(row, 'p') };
      if (has(row, 'logp')) return { logp: logpOf(row, 'logp') };
      if (has(row, 'completion')) return { prompt: promptOf(row), tokens: tokensOf(row.fields.completion, settings) };
      return wrong('p', 'is missing', 'Give a distribution as "p", a log-probability as "logp", or a "completion".');
    },
    compute: spreadOf,
  }),
  defineEntry<Pair | Scored>({
    id: 'kl',
    aliases: ['kl-divergence', 'kl-estimators'],
    title: 'KL divergence: exact from distributions, k1, k2 and k3 from samples',
    reads:
      '"p" and "q": distributions over the same outcomes (KL(p || q), exact); or "logp" and "ref_logp": log-probabilities of a sample of the policy, whole or by token.',
    examples: [PAIR, '{"logp": [-0.2, -1.1], "ref_logp": [-0.4, -1.5]}'],
    options: [],
    rule: 'With rho = logp - ref_logp: k1 = rho, k2 = rho^2 / 2, k3 = e^-rho - 1 + rho. The value of samples is k3: unbiased and never negative. Means over the lines.',
    read: (row) => (has(row, 'p') || has(row, 'q') ? pairOf(row) : { logp: logpOf(row, 'logp'), refLogp: logpOf(row, 'ref_logp') }),
    compute(items) {
      const pairs = only(items, isPair);
      if (pairs !== null) {
        const [value, reverse] = [mean(pairs.map(({ p, q }) => kl(p, q))), mean(pairs.map(({ p, q }) => kl(q, p)))];
        const note = 'Infinite: "p" has mass where "q" has none.';
        return {
          value,
          details: { reverse, total_variation: mean(pairs.map(({ p, q }) => totalVariation(p, q))) },
          ...(Number.isFinite(value) ? {} : { note }),
        };
      }
      const scored = items.filter((item): item is Scored => !isPair(item));
      const [logp, refLogp] = [scored.map((item) => item.logp), scored.map((item) => item.refLogp)];
      return {
        value: k3(logp, refLogp),
        details: { k1: k1(logp, refLogp), k2: k2(logp, refLogp), k3: k3(logp, refLogp), samples: scored.length },
      };
    },
  }),
  defineEntry<Pair>({
    id: 'total-variation',
    aliases: ['tv', 'total-variation-distance'],
    title: 'Total variation: half the sum of |p - q|',
    reads: '"p" and "q": distributions over the same outcomes.',
    examples: [PAIR],
    rule: '0 for equal distributions, 1 for disjoint ones. Mean over the lines.',
    read: pairOf,
    compute: (pairs) => {
      const each = pairs.map(({ p, q }) => totalVariation(p, q));
      return { value: mean(each), details: { each } };
    },
  }),
];
