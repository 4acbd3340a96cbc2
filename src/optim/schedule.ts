import type { Training } from '../core/spec';

/**
 * The learning rate at a step: a linear rise over `warmup` steps, then the schedule down to zero at the end of the
 * stage (transformers' `get_cosine_schedule_with_warmup` and `get_linear_schedule_with_warmup`).
 * @param step steps taken before this one, from 0
 */
export function learningRate(training: Pick<Training, 'lr' | 'schedule' | 'warmup' | 'steps'>, step: number): number {
  const { lr, schedule, warmup, steps } = training;
  if (step < warmup) return (lr * (step + 1)) / warmup;
  const progress = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  switch (schedule) {
    case 'constant':
      return lr;
    case 'cosine':
      return (lr * (1 + Math.cos(Math.PI * progress))) / 2;
    case 'linear':
      return lr * (1 - progress);
    default:
      return schedule satisfies never;
  }
}
