/** What waits for the GPU: how far it is and how long it takes, and the order, which the reader can change. */
import { ActionIcon, Button } from '@mantine/core';
import { type DragEvent, memo, type ReactElement, useMemo, useState } from 'react';
import { Marker } from '../../charts/Marker';
import { totalSteps } from '../../core/spec';
import { armOfSpec } from '../../store/arms';
import { formatDuration } from '../../store/format';
import { lab, useLab } from '../../store/index';
import { expectedPace } from '../../store/pace';
import { accentOf } from '../../store/palette';
import { isOpen, type QueueItem, type QueueState } from '../../store/queue-items';
import { failureInWords, type Run } from '../../store/run';
import { Icon } from '../../ui/icons';
import uiClasses from '../../ui/ui.module.css';
import classes from './lab.module.css';
import { pausedInWords } from './queue-words';
import runClasses from './runs.module.css';
import { useProgress } from './useProgress';

export default function Queue(): ReactElement | null {
  const queue = useLab((state) => state.queue);
  const paces = usePaces(queue.items);
  const [dragged, setDragged] = useState<string | null>(null);
  const open = queue.items.filter(isOpen);
  const over = queue.items.filter((item) => !isOpen(item));
  if (queue.items.length === 0) return null;
  return (
    <section className={runClasses.queue} aria-label="Queue" data-testid="queue" data-phase={queue.phase}>
      <Head queue={queue} paces={paces} />
      <ul className={runClasses.queueItems} aria-label="Waiting runs" onDragEnd={() => setDragged(null)}>
        {open.map((item, at) => (
          <Item
            key={item.id}
            item={item}
            at={at}
            last={at === open.length - 1}
            pace={paces.get(armOfSpec(item.spec)) ?? null}
            dragged={dragged}
            onDrag={setDragged}
          />
        ))}
      </ul>
      {over.length === 0 ? null : <Over items={over} />}
    </section>
  );
}

type Paces = ReadonlyMap<string, number | null>;

/** Steps per second to be expected of each arm. */
function usePaces(items: readonly QueueItem[]): Paces {
  const runs = useLab((state) => state.runs);
  const order = useLab((state) => state.order);
  const device = useLab((state) => state.device?.name ?? '');
  return useMemo(() => {
    const listed = order.flatMap((id) => runs[id] ?? []);
    const paces = new Map<string, number | null>();
    for (const { spec } of items) {
      const arm = armOfSpec(spec);
      if (!paces.has(arm)) paces.set(arm, expectedPace(spec, listed, device));
    }
    return paces;
  }, [items, runs, order, device]);
}

const stepOf = ({ runId }: QueueItem): number =>
  runId === null ? 0 : (lab.recordings.get(runId)?.step ?? lab.store.getState().runs[runId]?.lastStep ?? 0);

/** Steps taken and to be taken, and seconds until all is done; null while the pace of any is unknown. */
function useWhole(items: readonly QueueItem[], paces: Paces): { taken: number; total: number; seconds: number | null } {
  const current = items.find(({ state }) => state === 'running');
  const progress = useProgress(current?.runId ?? null, current === undefined ? 0 : totalSteps(current.spec));
  let [taken, total, seconds]: [number, number, number | null] = [0, 0, 0];
  for (const item of items) {
    const steps = totalSteps(item.spec);
    const done = isOpen(item) ? (item === current ? progress.step : stepOf(item)) : steps;
    const pace = (item === current ? progress.rate : null) ?? paces.get(armOfSpec(item.spec)) ?? progress.rate;
    taken += done;
    total += steps;
    if (isOpen(item)) seconds = seconds === null || pace === null || pace <= 0 ? null : seconds + (steps - done) / pace;
  }
  return { taken, total, seconds };
}

function Head({ queue, paces }: { queue: QueueState; paces: Paces }): ReactElement {
  const { taken, total, seconds } = useWhole(queue.items, paces);
  const { phase } = queue;
  const counts = countsInWords(queue.items);
  const waiting = phase === 'running' && queue.items.every(({ state }) => state !== 'running');
  const small = { size: 'compact-xs', variant: 'default' } as const;
  return (
    <div className={runClasses.queueHead}>
      <div className={runClasses.queueTop}>
        <h2 className={classes.panelTitle}>Queue</h2>
        <span className={`${classes.dim} ${classes.num}`} data-testid="queue-counts" role="status">
          {counts}
        </span>
        <span className={classes.grow} />
        <span className={`${classes.dim} ${classes.num}`} data-testid="queue-eta">
          {phase === 'idle' || seconds === null
            ? ''
            : phase === 'paused'
              ? `${formatDuration(seconds)} to go`
              : `ETA ${formatDuration(seconds)}`}
        </span>
      </div>
      <div
        className={classes.bar}
        role="progressbar"
        aria-label="Progress of the queue"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={taken}
        data-testid="queue-progress"
      >
        <span className={classes.barFill} style={{ width: `${(100 * taken) / total}%`, background: 'var(--lab-text)' }} />
      </div>
      {phase === 'paused' ? <p className={uiClasses.note}>{pausedInWords(queue.because)}</p> : null}
      {waiting ? <p className={uiClasses.note}>Waits for the run that trains now.</p> : null}
      {phase === 'idle' ? null : (
        <div className={runClasses.queueTop}>
          {phase === 'running' ? (
            <Button {...small} data-testid="queue-pause" onClick={() => lab.queue.pause()}>
              Pause
            </Button>
          ) : (
            <Button {...small} data-testid="queue-resume" leftSection={<Icon name="play" size={10} />} onClick={lab.queue.resume}>
              Resume
            </Button>
          )}
          <Button {...small} data-testid="queue-cancel" onClick={() => lab.queue.cancel()}>
            Cancel all
          </Button>
          <select
            className={runClasses.select}
            aria-label="Order of the runs"
            data-testid="queue-order"
            title="One after another, or in turns, so that all curves grow together"
            value={queue.order}
            onChange={({ currentTarget }) => lab.queue.setOrder(currentTarget.value as QueueState['order'])}
          >
            <option value="one-by-one">one by one</option>
            <option value="interleaved">interleaved</option>
          </select>
        </div>
      )}
    </div>
  );
}

function countsInWords(items: readonly QueueItem[]): string {
  const done = items.filter(({ state }) => state === 'done').length;
  const failed = items.filter(({ state }) => state === 'failed').length;
  return `${done} of ${items.length} done${failed === 0 ? '' : `, ${failed} failed`}`;
}

interface ItemProps {
  readonly item: QueueItem;
  readonly at: number;
  readonly last: boolean;
  readonly pace: number | null;
  /** The item that is being dragged. */
  readonly dragged: string | null;
  readonly onDrag: (id: string | null) => void;
}

const nameOf = (item: QueueItem, run: Run | null): string => run?.name ?? (item.label === '' ? 'Run' : item.label);

const Item = memo(function Item({ item, at, last, pace, dragged, onDrag }: ItemProps): ReactElement {
  const run = useLab((state) => (item.runId === null ? null : (state.runs[item.runId] ?? null)));
  const [over, setOver] = useState(false);
  const name = `${nameOf(item, run)}, seed ${item.spec.seed}`;
  const drag = {
    draggable: true,
    onDragStart: (event: DragEvent) => {
      event.dataTransfer.effectAllowed = 'move';
      event.dataTransfer.setData('text/plain', name);
      onDrag(item.id);
    },
    onDragOver: (event: DragEvent) => {
      if (dragged === null) return;
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false);
      if (dragged === null) return;
      event.preventDefault();
      event.stopPropagation();
      lab.queue.move(dragged, at);
      onDrag(null);
    },
  };
  return (
    <li
      className={runClasses.queueItem}
      data-testid="queue-item"
      data-state={item.state}
      data-over={(over && dragged !== item.id) || undefined}
      data-dragged={dragged === item.id || undefined}
      {...drag}
    >
      <span className={runClasses.handle} aria-hidden="true" title="Drag to another place">
        {run === null ? '⠿' : <Marker accent={accentOf(run.accent)} />}
      </span>
      <div className={runClasses.itemWords}>
        <div className={runClasses.itemLabel} title={item.label === '' ? name : `${name}: ${item.label}`}>
          {run === null ? '' : `${run.name} · `}
          {item.label === '' ? '' : `${item.label} · `}seed {item.spec.seed}
        </div>
        <ItemProgress item={item} pace={pace} />
      </div>
      <ItemTools item={item} at={at} last={last} name={name} />
    </li>
  );
});

function ItemProgress({ item, pace }: { item: QueueItem; pace: number | null }): ReactElement {
  const total = totalSteps(item.spec);
  const live = useProgress(item.state === 'running' ? item.runId : null, total);
  const step = item.state === 'running' ? live.step : stepOf(item);
  const seconds = live.eta ?? (pace === null || pace <= 0 ? null : (total - step) / pace);
  const time = seconds === null ? '' : `, ${formatDuration(seconds)}`;
  const words = item.state === 'running' ? 'Training' : item.state === 'paused' ? 'Waits for its turn' : 'Waits';
  return (
    <>
      <div className={`${classes.dim} ${classes.num}`}>
        {words}, {step} of {total}
        {time}
      </div>
      <div className={classes.bar} aria-hidden="true">
        <span className={classes.barFill} style={{ width: `${(100 * step) / total}%`, background: 'var(--lab-text)' }} />
      </div>
    </>
  );
}

function ItemTools({ item, at, last, name }: { item: QueueItem; at: number; last: boolean; name: string }): ReactElement {
  const tool = { variant: 'subtle', size: 'sm' } as const;
  return (
    <div className={runClasses.itemTools}>
      <ActionIcon
        {...tool}
        aria-label={`Earlier: ${name}`}
        title="Earlier"
        disabled={at === 0}
        onClick={() => lab.queue.move(item.id, at - 1)}
      >
        <Icon name="up" size={13} />
      </ActionIcon>
      <ActionIcon {...tool} aria-label={`Later: ${name}`} title="Later" disabled={last} onClick={() => lab.queue.move(item.id, at + 1)}>
        <Icon name="down" size={13} />
      </ActionIcon>
      <ActionIcon {...tool} aria-label={`Cancel ${name}`} title="Take off the queue" onClick={() => lab.queue.cancel([item.id])}>
        <Icon name="close" size={13} />
      </ActionIcon>
    </div>
  );
}

/** The runs that are done or have failed; they are in the list below. */
function Over({ items }: { items: readonly QueueItem[] }): ReactElement {
  const runs = useLab((state) => state.runs);
  const failed = items.flatMap(({ state, runId }) => (state === 'failed' ? [runs[runId ?? ''] ?? null] : []));
  return (
    <div className={classes.padded}>
      {failed.map((run, i) => (
        <div key={run?.id ?? i} className={uiClasses.error}>
          {run === null ? 'A run whose code has not been allowed' : `${run.name}: ${failureInWords(run.failure?.kind ?? 'internal')}`}
        </div>
      ))}
      <button type="button" className={uiClasses.link} data-testid="queue-clear" onClick={lab.queue.clearFinished}>
        Clear {items.length} finished
      </button>
    </div>
  );
}
