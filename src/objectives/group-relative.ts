/** What GRPO's relatives have in common: samples compared within their group, and no reference. */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { groupAdvantages } from './grpo';
import type { AdvantageInput, ExactProblem } from './objective';
import { bestReachable } from './optimum';

/** A = (r - mean of its group) / (std + 1e-4), as in GRPO; [R, T]. */
const advantages = ({ rewards, mask, group }: Pick<AdvantageInput<unknown>, 'rewards' | 'mask' | 'group'>): Tensor2D =>
  groupAdvantages(rewards, mask, { group, scale_rewards: 'group' }); // [R, T]

/** All mass on the best completions that the reference can reach, as for GRPO with beta 0: on fresh samples every ratio is 1. */
const optimum = ({ reference, reward }: Pick<ExactProblem<unknown>, 'reference' | 'reward'>): number[] => bestReachable(reference, reward);

export const GROUP_RELATIVE = { data: 'rollouts', family: 'online', needsReference: () => false, advantages, optimum } as const;
