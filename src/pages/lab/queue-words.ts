/** What is said about runs to come. */
import type { RunSpec } from '../../core/spec';
import { formatDuration } from '../../store/format';
import { lab } from '../../store/index';
import { expectedSeconds } from '../../store/pace';
import type { QueueState } from '../../store/queue-items';

/** How long runs will take one after another, as a sentence; judged by what has trained on this device. */
export function timeInWords(specs: readonly RunSpec[]): string {
  const { order, runs, device } = lab.store.getState();
  const seconds = expectedSeconds(
    specs,
    order.flatMap((id) => runs[id] ?? []),
    device?.name ?? '',
  );
  if (seconds === null) return 'How long they take is known once a run like these has trained here.';
  return `About ${formatDuration(seconds)}, judged by the runs before.`;
}

/** Why a queue does not go on, where the reader has not paused it. */
export function pausedInWords(because: QueueState['because']): string {
  switch (because) {
    case 'reload':
      return 'The page was opened anew. What was trained up to the last checkpoint is kept; the rest waits until you resume.';
    case 'device':
      return 'The GPU was lost. Resume once it is back.';
    case 'other-run':
      return 'Paused while another run trains.';
    case 'stopped':
      return 'Paused, as you stopped a run.';
    case null:
      return 'Paused.';
    default:
      return because satisfies never;
  }
}
