import { SpecError } from '../core/params';
import { defineReward } from '../core/reward';

/**
 * 1 for a completion in the form that the world asks for, whatever it says, else 0. Easier to earn than a right answer, and so often
 * earned instead of one: by itself it is meant to be hacked.
 */
export const format = defineReward({
  id: 'format',
  title: 'Format',
  summary: '1 when the completion has the form that the world asks for, right or wrong. Easily earned, so that it can be gamed.',
  source: 'The format reward of DeepSeek-R1, arXiv 2501.12948, without its accuracy reward',
  params: {},
  parts: {},
  score({ world, example, completion }) {
    const { format: met } = world.verify(example, completion).parts;
    if (met === undefined) throw new SpecError('rewards', 'this reward looks at the form of a completion, and the world asks for none');
    return { total: met, parts: {} };
  },
});
