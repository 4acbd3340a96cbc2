/** Gated DPO: what is pushed down gently is pushed down no more. */

import * as tf from '@tensorflow/tfjs-core';
import type { MetricSpec } from '../core/charts';
import { number } from '../core/params';
import type { LossInput, LossOutput } from './objective';
import { defineObjective } from './objective';
import { AGAINST_REFERENCE, BETA, logRatios, ratioDiagnostics } from './pairs';
import { detach, halves, logSigmoid, meanOver, sequenceMean } from './terms';

const GATE_OPEN: MetricSpec = {
  title: 'Gate of the rejected completion',
  help: "Mean over pairs: the share of DPO's gradient that the rejected completion still gets.",
  chart: 'accuracy',
  unit: 'fraction',
};

/** What the two forms of the gate have in common. */
export const GATED = {
  ...AGAINST_REFERENCE,
  paper: { title: 'Gradient-Gated DPO: Stabilizing Preference Optimization in Language Models', url: 'https://arxiv.org/abs/2605.02626' },
  params: {
    beta: BETA,
    alpha: number({ title: 'Alpha', help: 'How sharply the gate opens around tau.', default: 20, min: 0, max: 1000, step: 1 }),
    tau: number({ title: 'Tau', help: 'The probability at which the gate is half open.', default: 0.1, min: -1, max: 1, step: 0.01 }),
  },
  diagnostics: { ...AGAINST_REFERENCE.diagnostics, gate: GATE_OPEN },
} as const;

type GatedInput = LossInput<'preferences', { readonly beta: number; readonly alpha: number; readonly tau: number }>;

/**
 * DPO's loss, its gradient with respect to the rejected completion times the gate.
 * @param probability [P] of rejected completions, by either measure
 */
export function gatedDpo(probability: tf.Tensor1D, input: GatedInput, objective: string): LossOutput<keyof typeof GATED.diagnostics> {
  const { beta, alpha, tau } = input.params;
  const pairs = logRatios(input, objective);
  const gate = detach(tf.sigmoid(tf.mul(alpha, tf.sub(probability, tau)))); // [P]
  // The value of s_l, and the gate's share of its gradient.
  const gated = tf.add(tf.mul(gate, pairs.sRejected), tf.mul(tf.sub(1, gate), detach(pairs.sRejected))); // [P]
  const margin = tf.mul<tf.Tensor1D>(beta, tf.sub(pairs.sChosen, gated)); // [P]
  return {
    loss: tf.neg(meanOver(logSigmoid(margin), pairs.count)),
    diagnostics: { ...ratioDiagnostics(pairs, input), gate: meanOver(gate, pairs.count) },
  };
}

/**
 * DPO's loss, whose gradient with respect to the rejected completion is scaled by the constant sg[sigmoid(alpha (p - tau))], p the
 * geometric mean of that completion's token probabilities. What is unlikely already is not pushed further, which in a model with
 * shared features would drag the chosen completion along. With an open gate it is DPO. arXiv 2605.02626, there called seq; alpha
 * 20 and tau .1 are this lab's choice. A gate at the tenth of the tokens that is least likely is `gate-q10`.
 */
export const gate = defineObjective({
  ...GATED,
  id: 'gate',
  title: 'Gate-DPO',
  summary: 'DPO that stops pushing a rejected completion down once it is unlikely, judged by its mean token.',
  formula: String.raw`\nabla \mathcal{L} = -\mathbb{E}\big[\beta\, \sigma(-\beta D) \big(\nabla \log \pi_\theta(y_w)
    - g\, \nabla \log \pi_\theta(y_l)\big)\big], \qquad g = \sigma(\alpha (p - \tau)), \quad p = \pi_\theta(y_l \mid x)^{1/|y_l|}`,
  differs: 'No framework has it. The paper attaches the same gate to IPO and others too; its alpha and tau are not known to us.',
  loss(input) {
    const [, rejected] = halves(sequenceMean(input.logp, input.mask)); // [P]
    return gatedDpo(tf.exp(rejected), input, 'gate');
  },
});
