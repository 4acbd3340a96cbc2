/** GRPO for pass@k as verl has it: only the best sample of a group learns, by how far it is ahead of the second. */
import * as tf from '@tensorflow/tfjs-core';
import { flag } from '../core/params';
import { defineObjective } from './objective';
import { CLIP_PARAMS, CLIPPED_DIAGNOSTICS, clippedTokens } from './policy-gradient';
import { groupStd, perToken } from './terms';

/** Added to the standard deviation; as in GRPO here and in TRL. */
const STD_EPSILON = 1e-4;

/** Below every reward. */
const NEVER = -1e30;

/**
 * A = (largest - second largest reward of the group) / (std + 1e-4) for the sample with the largest reward, and 0 for all others: without the
 * division an unbiased gradient of the expected maximum of a group, since leaving any other sample out would not change it. Where two share
 * the first place nobody learns. L = -mean over tokens of min(rho A, clip(rho, 1 - epsilon, 1 + epsilon_high) A). verl's `grpo_passk`;
 * arXiv 2503.19595. There is no closed form: once the best is found often enough, nothing asks for more of it.
 */
export const grpoPassk = defineObjective({
  id: 'grpo-passk',
  title: 'GRPO, best of a group',
  summary: "Raises the best sample of each group by its lead over the second, which is the gradient of the group's best reward.",
  paper: {
    title: 'Optimizing Language Models for Inference Time Objectives using Reinforcement Learning',
    url: 'https://arxiv.org/abs/2503.19595',
  },
  formula: String.raw`A_i = \begin{cases} \dfrac{r_{(1)} - r_{(2)}}{\operatorname{std}(r)} & i = \operatorname*{arg\,max}_j r_j \\ 0 & \text{else} \end{cases},
    \qquad r_{(1)} \ge r_{(2)} \ge \dots \text{ within the group}`,
  data: 'rollouts',
  family: 'online',
  differs:
    'TRL and OpenRLHF do not have it. To the deviation verl adds 1e-6, the lab what TRL adds in GRPO. Pass@k training, pass-at-k here, is another ' +
    'thing: its k is smaller than the group, and wrong samples learn too.',
  params: {
    norm_adv_by_std_in_grpo: flag({
      title: 'Scale by the deviation',
      help: 'Divides the lead by the standard deviation of the group, as GRPO does.',
      default: true,
    }),
    ...CLIP_PARAMS,
  },
  diagnostics: CLIPPED_DIAGNOSTICS,
  needsReference: () => false,

  advantages({ rewards, mask, group, params: { norm_adv_by_std_in_grpo: scaled } }) {
    const grouped = tf.reshape(rewards, [-1, group]); // [R / group, group]
    const first = tf.max(grouped, 1, true); // [R / group, 1]
    const isFirst = tf.equal(grouped, first); // [R / group, group]
    const second = tf.max(tf.where(isFirst, tf.fill(grouped.shape, NEVER), grouped), 1, true); // [R / group, 1]
    const winners = tf.cast(isFirst, 'float32'); // [R / group, group]
    const alone = tf.cast(tf.equal(tf.sum(winners, 1, true), 1), 'float32'); // [R / group, 1]
    // A sample that is alone in its group is ahead of nobody.
    const ahead = group === 1 ? tf.zerosLike(first) : tf.sub(first, second); // [R / group, 1]
    const lead = tf.reshape<tf.Rank.R1>(tf.mul(tf.mul(winners, alone), ahead), [-1]); // [R]
    return perToken(scaled ? tf.div(lead, tf.add(groupStd(rewards, group), STD_EPSILON)) : lead, mask); // [R, T]
  },

  loss: clippedTokens,
});
