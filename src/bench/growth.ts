/** How the lab's training step grows with the model and the batch. */
import type { GrowthCurve, GrowthPoint } from '../core/bench';
import type { BenchEngine } from './engine';
import { type BenchPlan, runTask } from './run';
import { TRAIN_SMALL, type TrainSizes, trainTask } from './workloads';

/** The values of each axis; the other sizes keep those of `train-2x64`. */
const AXES = {
  width: [16, 32, 64, 128, 256],
  layers: [1, 2, 4, 8],
  length: [8, 16, 32, 64, 128],
  batch: [1, 4, 16, 64],
} as const satisfies Record<GrowthCurve['axis'], readonly number[]>;

/**
 * Floating-point operations of a training step, a multiplication and an addition being two. Only matrix products and attention:
 * for each token 24 C^2 in a layer (3 C^2 weights for queries, keys and values, C^2 for their projection, 8 C^2 in the MLP) and
 * 2 C V in the head; for each pair of a query and a key that it sees, of which a row has T (T + 1) / 2, 4 C in a layer. The
 * backward pass is two products for every one of the forward pass, so a step is three times that (as in Kaplan et al.,
 * arXiv 2001.08361, who count 6 N per token).
 */
export function stepFlops({ layers: l, width: c, length: t, batch, vocabSize: v }: TrainSizes): number {
  const products = t * (24 * c * c * l + 2 * c * v);
  const attention = ((t * (t + 1)) / 2) * 4 * c * l;
  return 3 * batch * (products + attention);
}

/** Times the lab alone along every axis. */
export async function growthCurves(engine: BenchEngine, options: Omit<BenchPlan, 'engines' | 'workloads'>): Promise<GrowthCurve[]> {
  const { rounds, report = () => {}, deviceFailure = () => null } = options;
  const axes = Object.entries(AXES) as [GrowthCurve['axis'], readonly number[]][];
  const all = axes.reduce((sum, [, values]) => sum + values.length, 0);
  const curves: GrowthCurve[] = [];
  let done = 0;
  for (const [axis, values] of axes) {
    const points: GrowthPoint[] = [];
    for (const value of values) {
      report(done / all, `${axis} ${value}`);
      const sizes: TrainSizes = { ...TRAIN_SMALL, [axis]: value };
      const { engines } = await runTask(trainTask('train-2x64', sizes), { engines: [engine], rounds, deviceFailure });
      points.push({ value, stepMs: engines.lab.stepMs, flops: stepFlops(sizes) });
      done += 1;
    }
    curves.push({ axis, points });
  }
  return curves;
}
