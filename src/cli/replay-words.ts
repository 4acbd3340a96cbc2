/** What `replay` found, in words. */
import type { MetricAgreement, VectorAgreement } from '../data/bundle-compare';

export interface Replayed {
  readonly name: string;
  readonly seed: number;
  /** Steps that were taken again: after `from`, up to `until`. */
  readonly from: number;
  readonly until: number;
  readonly totalSteps: number;
  readonly recordedOn: { readonly name: string; readonly backend: string | null };
  readonly recordedBy: string;
  readonly sameDevice: boolean;
  /** Largest difference as a share of the largest recorded value of a metric, or of a vector's length; 0 asks for the bits. */
  readonly tolerance: number;
  readonly metrics: readonly MetricAgreement[];
  readonly vectors: readonly VectorAgreement[];
  /** Step that the vectors are of; null where they were not compared. */
  readonly checkpointStep: number | null;
  /** Looks at what the policy writes, and those that show the same. */
  readonly samples: { readonly looks: number; readonly same: number };
  /** Why it could not be trained again as far; null where it could. */
  readonly failure: string | null;
  readonly agreement: 'bits' | 'tolerance' | 'no';
}

const VERDICTS = {
  bits: 'Agrees to the bit.',
  tolerance: 'Agrees within the tolerance.',
  no: 'Does not agree.',
} as const;

const NAMES: Readonly<Record<string, string>> = {
  theta: 'θ',
  m: "Adam's first moment",
  v: "Adam's second moment",
  reference: 'the reference',
};

/** Differing metrics that are listed, the worst first. */
const LISTED = 12;

export function inWords(run: Replayed): string {
  const { name, seed, from, until, totalSteps, recordedOn, recordedBy, sameDevice, tolerance, metrics, vectors, samples, failure } = run;
  const where = `${recordedOn.backend ?? 'a device'} on ${recordedOn.name}`;
  const differing = metrics.filter((metric) => metric.differing > 0).sort((a, b) => b.relative - a.relative);
  const same = metrics.length - differing.length;
  const values = metrics.reduce((sum, metric) => sum + metric.values, 0);
  const lines = [
    `${name}, seed ${seed}: steps ${from + 1} to ${until} of ${totalSteps} again; recorded by lab ${recordedBy}, ${where}`,
    `  ${sameDevice ? 'the same device' : 'another device'}, ${tolerance === 0 ? 'every bit is asked for' : `tolerance ${percent(tolerance)}`}`,
    ...(failure === null ? [] : [`  failed this time: ${failure}`]),
    `  metrics: ${same} of ${metrics.length} the same to the bit, ${values} values`,
    ...differing.slice(0, LISTED).map(metricInWords),
    ...(differing.length > LISTED ? [`    and ${differing.length - LISTED} more`] : []),
    ...(run.checkpointStep === null ? [] : vectors.map((vector) => `  ${vectorInWords(vector)} at step ${run.checkpointStep}`)),
    ...(samples.looks === 0 ? [] : [`  samples: ${samples.same} of ${samples.looks} looks the same`]),
    VERDICTS[run.agreement],
  ];
  return `${lines.join('\n')}\n`;
}

function metricInWords({ metric, values, differing, firstStep, worst, relative }: MetricAgreement): string {
  const numbers = worst === null ? '' : `: ${short(worst.recorded)} recorded, ${short(worst.again)} now`;
  return `    ${metric}: ${differing} of ${values} differ, the first at step ${firstStep}, most at step ${worst?.step} by ${percent(relative)}${numbers}`;
}

function vectorInWords({ vector, size, differing, worst, relative }: VectorAgreement): string {
  const name = NAMES[vector] ?? vector;
  if (differing === 0) return `${name}: all ${size} numbers the same to the bit`;
  return `${name}: ${differing} of ${size} numbers differ, by up to ${short(worst)}, ${percent(relative)} of its length,`;
}

const short = (value: number): string => (Number.isNaN(value) ? 'not measured' : String(Number(value.toPrecision(4))));

const percent = (share: number): string => (Number.isFinite(share) ? `${Number((100 * share).toPrecision(2))} %` : 'no bound');
