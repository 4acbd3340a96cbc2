/**
 * What a page's main thread did, out of a trace of the browser. Everything is in processor time instead of the clock: a software GPU
 * and whatever else runs beside the test take the cores away from the page, which is not the page's doing.
 */

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds. */
  readonly ts: number;
  readonly dur?: number;
  readonly args: { readonly name?: string };
  /** Microseconds of the processor, not counting the time in which other threads had it. */
  readonly tdur?: number;
}

/** What to trace for them. */
export const CATEGORIES = ['toplevel', 'blink.user_timing', 'disabled-by-default-devtools.timeline', '__metadata'];

/** Times in microseconds. */
interface Task {
  readonly from: number;
  readonly to: number;
  readonly cpu: number;
}

export interface Work {
  /** Milliseconds of every task, the longest first; those of marked intervals called `calibrate` are left out. */
  readonly tasks: readonly number[];
  /** Milliseconds of the tasks that overlap each marked interval, by its name. */
  readonly marked: ReadonlyMap<string, readonly number[]>;
}

const MARK = /^(from|to) (\w+) ([\d.]+)$/;

/** The name of a mark at the begin or the end of an interval that began or ended so many milliseconds ago. */
export const markName = (end: 'from' | 'to', name: string, ago: number): string => `${end} ${name} ${ago.toFixed(3)}`;

/** The tasks of the main thread, and how much of them belongs to the intervals that `performance.mark` has set by `markName`. */
export function workOf(trace: Buffer): Work {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
  const main = new Set(traceEvents.filter(({ args }) => args.name === 'CrRendererMain').map(threadOf));
  const marks = traceEvents.flatMap((event) => {
    const [, end, name = '', ago] = MARK.exec(event.name) ?? [];
    return end === undefined || !main.has(threadOf(event)) ? [] : [{ end, name, at: event.ts - 1000 * Number(ago), event }];
  });
  const shown = marks[0] === undefined ? main : new Set([threadOf(marks[0].event)]);
  const tasks = traceEvents
    .filter((event) => event.name === 'ThreadControllerImpl::RunTask' && event.tdur !== undefined && shown.has(threadOf(event)))
    .map(({ ts, dur = 0, tdur = 0 }): Task => ({ from: ts, to: ts + dur, cpu: tdur / 1000 }));
  const intervals = marks
    .filter(({ end }) => end === 'from')
    .flatMap(({ name, at }) => {
      const to = marks.find((mark) => mark.end === 'to' && mark.name === name && mark.at >= at);
      return to === undefined ? [] : [{ name, from: at, to: to.at }];
    });
  const overlaps = (task: Task, { from, to }: { readonly from: number; readonly to: number }): boolean => task.to > from && task.from < to;
  const marked = new Map<string, number[]>();
  for (const interval of intervals) {
    const cpu = tasks.filter((task) => overlaps(task, interval)).reduce((sum, task) => sum + task.cpu, 0);
    marked.set(interval.name, [...(marked.get(interval.name) ?? []), cpu]);
  }
  const calibrations = intervals.filter(({ name }) => name === 'calibrate');
  return {
    tasks: tasks
      .filter((task) => !calibrations.some((interval) => overlaps(task, interval)))
      .map(({ cpu }) => cpu)
      .sort((a, b) => b - a),
    marked,
  };
}

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
