/** Every metric that is computed from samples or from θ. What the trainer itself logs is declared in `logged.ts`. */
import type { Metric } from '../core/metric';
import { auroc } from './auroc';
import { brier } from './brier';
import { completionEntropy, sampledEntropy } from './completion-entropy';
import { distinct1, distinct2, distinct3, distinct4 } from './distinct';
import { klK2, totalVariationToReference } from './divergence';
import { ead } from './ead';
import { debiasedEce, ece } from './ece';
import { effectiveDiversity } from './effective-diversity';
import { modeCoverage } from './mode-coverage';
import { mrr } from './mrr';
import { pairwiseDistance } from './pairwise-distance';
import { pass1, pass2, pass4, pass8, pass16, pass32, pass64 } from './pass-at-k';
import { gated } from './pick';
import { updateRankBf16, updateRankF32, updateStableRank } from './rank';
import { selfBleu } from './self-bleu';
import { l2Movement, updatedFractionBf16, updatedFractionF32 } from './sparsity';
import { uniqueCompletions } from './unique-completions';
import { vendi } from './vendi';

export const METRICS = {
  distinct_1: distinct1,
  distinct_2: distinct2,
  distinct_3: distinct3,
  distinct_4: distinct4,
  unique_completions: uniqueCompletions,
  mode_coverage: modeCoverage,
  ead,
  self_bleu: selfBleu,
  pairwise_distance: pairwiseDistance,
  effective_diversity: effectiveDiversity,
  vendi,
  'distinct_1/correct': gated(distinct1),
  'distinct_2/correct': gated(distinct2),
  'unique_completions/correct': gated(uniqueCompletions),
  'ead/correct': gated(ead),
  'self_bleu/correct': gated(selfBleu),
  'pairwise_distance/correct': gated(pairwiseDistance),
  'vendi/correct': gated(vendi, 'effective samples'),
  completion_entropy: completionEntropy,
  'eval/entropy': sampledEntropy,
  'eval/kl_k2': klK2,
  'eval/total_variation': totalVariationToReference,
  'eval/mrr': mrr,
  'pass@1': pass1,
  'pass@2': pass2,
  'pass@4': pass4,
  'pass@8': pass8,
  'pass@16': pass16,
  'pass@32': pass32,
  'pass@64': pass64,
  'calibration/auroc': auroc,
  'calibration/ece': ece,
  'calibration/ece_debiased': debiasedEce,
  'calibration/brier': brier,
  'updated_fraction/f32': updatedFractionF32,
  'updated_fraction/bf16': updatedFractionBf16,
  l2_movement: l2Movement,
  'update_rank/f32': updateRankF32,
  'update_rank/bf16': updateRankBf16,
  update_stable_rank: updateStableRank,
} as const satisfies Record<string, Metric>;
