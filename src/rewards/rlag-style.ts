import { number } from '../core/params';
import { defineReward } from '../core/reward';

const weight = (title: string, help: string, value: number) => number({ title, help, default: value, min: 0, max: 10, step: 0.05 });

/**
 * A policy-gradient reward in the spirit of RLAG: the answer's accuracy plus the rationality of its explanation. Both are read
 * off the world's verdict, where rationality is a checkable rule (see the facts world). RLAG itself trains with a loss of its own,
 * the objective `rlag`, and uses the rationality of explanations only for evaluation.
 *
 *     total = accuracy weight x accuracy + rationality weight x rationality + format weight x format
 *
 * A part that the world does not judge counts as 0.
 */
export const rlagStyle = defineReward({
  id: 'rlag-style',
  title: 'RLAG-style',
  summary: 'Rewards a right answer, and more where its explanation quotes the fact from which it follows.',
  source: 'After RLAG, arXiv 2509.20162; as a reward it is ours',
  params: {
    accuracy: weight('Accuracy', 'Weight of a right answer.', 1),
    rationality: weight('Rationality', 'Weight of an explanation that quotes the right fact and ends in the answer.', 0.5),
    format: weight('Format', 'Weight of a well-formed completion.', 0.1),
  },
  parts: {
    accuracy: 'Whether the answer is right',
    rationality: 'Whether the explanation gives the true reason for it',
    format: 'Whether the completion is well formed',
  },
  score({ world, example, completion, params }) {
    const { accuracy = 0, rationality = 0, format = 0 } = world.verify(example, completion).parts;
    return {
      total: params.accuracy * accuracy + params.rationality * rationality + params.format * format,
      parts: { accuracy, rationality, format },
    };
  },
});
