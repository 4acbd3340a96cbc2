/** Online DPO: DPO on pairs of the policy's own samples, labelled by the reward as they are drawn. */
import { dpo } from './dpo';
import type { Objective } from './objective';

/**
 * L = mean over pairs of -log sigmoid(beta (s_w - s_l)), s = log pi(y) - log pi_ref(y): the loss of DPO on other data. Of two samples
 * (`group: 2`, `refreshEvery: 1`) the one with the higher reward is chosen; equal rewards make no pair.
 *
 * No optimum is drawn. Labels follow the reward without noise, so no margin is ever large enough: what the policy becomes is
 * decided by how long it is trained. With labels from a Bradley-Terry model of r it would be pi_ref e^{r / beta}; `online-ipo`
 * has an optimum with labels like these.
 */
export const onlineDpo = {
  ...dpo,
  id: 'online-dpo',
  title: 'Online DPO',
  summary: 'Samples two completions, lets the reward choose the better one, and takes a step of DPO on the pair.',
  paper: { title: 'Direct Language Model Alignment from Online AI Feedback', url: 'https://arxiv.org/abs/2402.04792' },
  family: 'online',
  differs:
    "TRL's OnlineDPOTrainer draws two samples; with more samples per prompt this lab takes the best against the worst, or every pair. A tie " +
    'goes to the first sample in TRL and is left out here.',
  samplesOnly: true,
} satisfies Objective<'preferences'>;
