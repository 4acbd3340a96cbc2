/** Exact match: 1 for a right completion, else 0. */
import { defineReward } from '../core/reward';

export const exactMatch = defineReward({
  id: 'exact-match',
  title: 'Exact match',
  summary: '1 when the completion is right, else 0. Its format and its answer are charted beside it where the world tells them apart.',
  source: 'The usual verifiable reward: the accuracy reward of DeepSeek-R1 (arXiv 2501.12948).',
  params: {},
  parts: {
    format: '1 when the completion is written in the form that the world asks for',
    accuracy: '1 when its answer is right, whatever the form',
  },
  score({ world, example, completion }) {
    const { correct, parts } = world.verify(example, completion);
    const { format, accuracy } = parts;
    return {
      total: correct ? 1 : 0,
      parts: { ...(format === undefined ? {} : { format }), ...(accuracy === undefined ? {} : { accuracy }) },
    };
  },
});
