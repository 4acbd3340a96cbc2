/** A recorded diagnosis at the step that is looked at, as the page shows it. */
import type { NamedPoint } from '../../charts/PlaneChart';
import type { NamedBar } from '../../charts/ShareBars';
import { together, valueAt } from '../../core/curves';
import type { Diagnosis as Seen } from '../../core/diagnosis';
import { stepsBefore } from '../../core/spec';
import { diagnosisAt } from '../../store/diagnoses';
import { curveOf } from '../../store/health';
import type { Recording } from '../../store/recording';
import type { Run } from '../../store/run';
import { heldIndex } from './Scrub';

export interface DiagnosisView {
  readonly steps: readonly number[];
  readonly index: number;
  readonly step: number;
  readonly seen: Seen;
  /** The look as it was recorded. */
  readonly recorded: Seen;
  /** The step of an earlier look that the samples are from; null where they are of this one. */
  readonly samplesOf: number | null;
  /** The exact KL where there is one, and its estimates from samples, at this step. */
  readonly kl: readonly NamedBar[];
  /** Mean reward against KL at every look of the stage, and which of them this is. */
  readonly looks: readonly NamedPoint[];
  readonly look: number;
  readonly rewardWords: string;
}

const REWARDS: readonly (readonly [metric: string, words: string])[] = [
  ['expected_reward', 'expected reward, exact'],
  ['eval/reward', 'held-out reward'],
  ['eval/true_reward', 'held-out true reward'],
];

/** What is shown at the step that is held, or at the newest; `before` itself where nothing has changed since. */
export function viewOf(
  recording: Recording,
  stages: Run['spec']['stages'],
  held: number | null,
  before: DiagnosisView | null,
): DiagnosisView | null {
  const { items } = recording.diagnoses;
  if (items.length === 0) return null;
  const steps = items.map(({ step }) => step);
  const index = heldIndex(steps, held);
  const frame = items[index];
  if (frame === undefined) return null;
  if (before?.recorded === frame.value && before.steps.length === steps.length && before.steps.at(-1) === steps.at(-1)) return before;
  const { step, value: recorded } = frame;
  const { seen, samplesOf } = diagnosisAt(items, index) ?? { seen: recorded, samplesOf: null };
  const { series } = recording;
  const read = (metric: string) => curveOf(series, metric);
  const [reward, rewardWords] = REWARDS.find(([metric]) => series.columns.has(metric)) ?? ['', ''];
  const [from, to] = [stepsBefore(stages, seen.stage), stepsBefore(stages, seen.stage + 1)];
  const earned = read(reward);
  const path = together(read(series.columns.has('eval/kl_exact') ? 'eval/kl_exact' : 'eval/kl_k1'), [earned], (kl) => kl);
  const looks = path.steps.flatMap((at, i): NamedPoint[] =>
    (at > from || from === 0) && at <= to
      ? [{ id: String(at), title: `step ${at}`, x: path.values[i] as number, y: valueAt(earned, at) }]
      : [],
  );
  return {
    steps,
    index,
    step,
    seen,
    recorded,
    samplesOf,
    kl: klAt(read, step),
    looks,
    look: looks.findLastIndex(({ id }) => Number(id) <= step),
    rewardWords,
  };
}

function klAt(read: (metric: string) => ReturnType<typeof curveOf>, step: number): NamedBar[] {
  const measured: readonly (readonly [metric: string, title: string])[] = [
    ['eval/kl_exact', 'exact'],
    ['eval/kl_k1', 'k1'],
    ['eval/kl_k2', 'k2'],
    ['eval/kl_k3', 'k3'],
  ];
  return measured.flatMap(([metric, title]): NamedBar[] => {
    const value = valueAt(read(metric), step);
    return Number.isNaN(value) ? [] : [{ title, value, exact: metric === 'eval/kl_exact' }];
  });
}
