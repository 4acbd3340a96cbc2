import { SpecError } from '../core/params';
import { defineReward } from '../core/reward';

/**
 * The share of a weighted checklist that a completion meets:
 *
 *     r = sum(weight x met) / sum(weight), met in {0, 1}
 *
 * the explicit aggregation of RaR. There and in RLCF a language model writes a checklist for every instruction and judges most of the
 * items; here the world writes it and a program checks every item. RLCF as released turns the scores into pairs for offline DPO, RaR
 * trains with GRPO: both can be set up with this reward.
 */
export const checklist = defineReward({
  id: 'checklist',
  title: 'Checklist',
  summary: 'The weighted share of things asked of a completion that it does, each checked by itself and charted by itself.',
  source: 'RLCF, arXiv 2507.18624; RaR, arXiv 2507.17746 (explicit aggregation). The items and their weights are ours',
  params: {},
  itemised: true,
  parts: {},
  score({ world, example, completion }) {
    const items = world.checklist?.(example, completion);
    if (items === undefined) throw new SpecError('rewards', 'this reward works through a checklist, and the world has none');
    const sum = items.reduce((total, { weight }) => total + weight, 0);
    const met = items.reduce((total, item) => total + (item.met ? item.weight : 0), 0);
    return { total: met / sum, parts: Object.fromEntries(items.map((item) => [item.name, item.met ? 1 : 0])) };
  },
});
