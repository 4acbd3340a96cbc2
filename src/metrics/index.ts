/** Every metric that is computed from samples or from θ. What the trainer itself logs is declared in `logged.ts`. */
import type { Metric } from '../core/metric';
import { distinct1, distinct2, distinct3 } from './distinct';
import { ead } from './ead';
import { modeCoverage } from './mode-coverage';
import { updateRankBf16, updateRankF32, updateStableRank } from './rank';
import { l2Movement, updatedFractionBf16, updatedFractionF32 } from './sparsity';
import { uniqueCompletions } from './unique-completions';

export const METRICS = {
  distinct_1: distinct1,
  distinct_2: distinct2,
  distinct_3: distinct3,
  unique_completions: uniqueCompletions,
  mode_coverage: modeCoverage,
  ead,
  'updated_fraction/f32': updatedFractionF32,
  'updated_fraction/bf16': updatedFractionBf16,
  l2_movement: l2Movement,
  'update_rank/f32': updateRankF32,
  'update_rank/bf16': updateRankBf16,
  update_stable_rank: updateStableRank,
} as const satisfies Record<string, Metric>;
