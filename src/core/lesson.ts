/**
 * A lesson on an experiment: what to predict before the run, what to check after it, a worksheet, and notes for whoever presents it.
 * Data and prose; what the right prediction is follows from a result, never from the lesson.
 */
import type { RunSummary } from './verdict';

/** A choice among sentences. */
export interface ChoicePrediction {
  readonly kind: 'choice';
  readonly id: string;
  readonly question: string;
  readonly options: readonly { readonly id: string; readonly text: string }[];
  readonly answer: ChoiceAnswer;
  /** What there is to learn from it, whatever was chosen; true of any result. */
  readonly why: string;
}

/** How a result tells which option is right. */
export type ChoiceAnswer =
  /** The arm that ends highest in a metric, over the mean of its seeds. */
  | { readonly by: 'highest'; readonly metric: string; readonly arms: Readonly<Record<string, string>> }
  /** Whether a metric, over the mean of the seeds, ends above, below or within `margin` of a value, or of its own at a step. */
  | {
      readonly by: 'change';
      readonly metric: string;
      readonly arm: string;
      readonly against: { readonly step: number } | { readonly value: number };
      readonly margin: number;
      readonly options: Readonly<Record<'rises' | 'falls' | 'stays', string>>;
    };

/** A curve that the reader draws. */
export interface SketchPrediction {
  readonly kind: 'sketch';
  readonly id: string;
  readonly question: string;
  readonly metric: string;
  readonly arm: string;
  /** Steps between which is drawn; the result up to `from` is there already where that is above 0. */
  readonly from: number;
  readonly to: number;
  /** The axis. */
  readonly low: number;
  readonly high: number;
  readonly why: string;
}

export type Prediction = ChoicePrediction | SketchPrediction;

/** A question with one right answer, each explained. */
export interface Check {
  readonly id: string;
  readonly question: string;
  readonly answers: readonly { readonly text: string; readonly right: boolean; readonly because: string }[];
}

/** The panels of a presentation, in their order. */
export const PANELS = ['question', 'prediction', 'run', 'chart', 'verdict', 'notes'] as const;

export type Panel = (typeof PANELS)[number];

export interface Lesson {
  /** Id of the experiment. */
  readonly experiment: string;
  readonly minutes: number;
  /** What a learner can do afterwards, each a sentence. */
  readonly aims: readonly string[];
  readonly predictions: readonly Prediction[];
  readonly checks: readonly Check[];
  /** What the worksheet asks beside the predictions, to be answered in writing. */
  readonly worksheet: readonly string[];
  /** For the second window, by panel; sentences. */
  readonly notes: Readonly<Partial<Record<Panel, readonly string[]>>>;
  /** What the last panel leaves on the screen. */
  readonly takeaways: readonly string[];
}

/** Gives a lesson its type where it is written. */
export const defineLesson = <const L extends Lesson>(lesson: L): L => lesson;

/** One run of a result, as far as a lesson looks at it. */
export interface RunCurves extends RunSummary {
  readonly seed: number;
  /** Steps ascending, and a column per metric; null where a metric was not measured. */
  readonly series: { readonly steps: readonly number[]; readonly columns: Readonly<Record<string, readonly (number | null)[]>> };
}

/** The runs of a result by arm. */
export type ArmCurves = Readonly<Record<string, readonly RunCurves[]>>;

/** A curve as points [step, value], ascending. */
export type Points = readonly (readonly [number, number])[];

/** The points at which a run has measured a metric. */
export function pointsOf({ series: { steps, columns } }: RunCurves, metric: string): Points {
  const column = columns[metric] ?? [];
  return steps.flatMap((step, i) => {
    const value = column[i];
    return value === null || value === undefined || !Number.isFinite(value) ? [] : [[step, value] as const];
  });
}

/** Mean over runs, at the steps at which all of them have a value. */
export function meanOf(runs: readonly RunCurves[], metric: string): Points {
  const sums = new Map<number, { sum: number; count: number }>();
  for (const run of runs) {
    for (const [step, value] of pointsOf(run, metric)) {
      const at = sums.get(step) ?? { sum: 0, count: 0 };
      sums.set(step, { sum: at.sum + value, count: at.count + 1 });
    }
  }
  return [...sums]
    .filter(([, { count }]) => count === runs.length)
    .sort(([a], [b]) => a - b)
    .map(([step, { sum, count }]) => [step, sum / count] as const);
}

/** The value of a curve at a step, on straight lines between its points; null outside of them. */
export function valueAt(points: Points, step: number): number | null {
  const i = points.findIndex(([at]) => at >= step);
  const after = points[i];
  const before = points[i - 1];
  if (after === undefined) return null;
  if (after[0] === step || before === undefined) return after[0] === step ? after[1] : null;
  return before[1] + ((after[1] - before[1]) * (step - before[0])) / (after[0] - before[0]);
}

/** The option that a result shows to be right; null where the result has not what it takes. */
export function rightOption(answer: ChoiceAnswer, arms: ArmCurves): string | null {
  if (answer.by === 'highest') {
    const ends = Object.entries(answer.arms).map(([option, arm]) => [option, meanOf(arms[arm] ?? [], answer.metric).at(-1)?.[1]] as const);
    if (ends.some(([, end]) => end === undefined)) return null;
    return ends.reduce((best, one) => ((one[1] as number) > (best[1] as number) ? one : best))[0];
  }
  const curve = meanOf(arms[answer.arm] ?? [], answer.metric);
  const { against } = answer;
  const begin = 'value' in against ? against.value : curve.find(([step]) => step >= against.step)?.[1];
  const end = curve.at(-1)?.[1];
  if (begin === undefined || end === undefined) return null;
  const change = end - begin;
  return answer.options[Math.abs(change) <= answer.margin ? 'stays' : change > 0 ? 'rises' : 'falls'];
}

/** How far a sketch is from a result. */
export interface SketchScore {
  /** Mean distance over the sketched steps, as a share of the axis. */
  readonly distance: number;
  /** Distance at the last step, sketch minus result, as a share of the axis. */
  readonly end: number;
}

/** Compares a sketch with a curve at twenty steps between its ends; null where they have no step in common. */
export function scoreSketch(sketch: Points, { from, to, low, high }: SketchPrediction, curve: Points): SketchScore | null {
  const gaps = Array.from({ length: 21 }, (_, i) => from + ((to - from) * i) / 20).flatMap((step) => {
    const drawn = valueAt(sketch, step);
    const real = valueAt(curve, step);
    return drawn === null || real === null ? [] : [(drawn - real) / (high - low)];
  });
  if (gaps.length === 0) return null;
  return { distance: gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / gaps.length, end: gaps.at(-1) as number };
}

/** Share of the axis within which a sketch counts as near. */
const NEAR = 0.08;
const FAR = 0.25;

/** A score told kindly: what was right about the sketch, and what the result adds. */
export function sketchInWords({ distance, end }: SketchScore): string {
  const share = `On average it is ${Math.round(100 * distance)} % of the axis away.`;
  if (distance <= NEAR) return `Your curve runs right along the result. ${share}`;
  if (Math.abs(end) <= NEAR) return `You saw where it ends; the way there is another. ${share}`;
  const side = end > 0 ? 'above' : 'below';
  if (distance <= FAR) return `Your curve has much of the shape, and ends ${side} the result. ${share}`;
  return `The result surprised you, which is what predicting is for: it ends ${side === 'above' ? 'lower' : 'higher'} than you drew. ${share}`;
}
