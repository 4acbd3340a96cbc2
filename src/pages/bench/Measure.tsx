/** What to measure, the button, and how far it is. */
import { Button } from '@mantine/core';
import { type ReactElement, type ReactNode, useState } from 'react';
import { WORKLOADS, type WorkloadId } from '../../core/bench';
import { bench, useBench } from '../../store/bench-binding';
import { ENGINE_WORDS, WORKLOAD_WORDS, type Words } from '../../store/bench-words';
import { browserInWords } from '../../store/browser';
import { formatDuration } from '../../store/format';
import { lab, useLab } from '../../store/index';
import type { BenchRequest } from '../../worker/bench-protocol';
import classes from './bench.module.css';

const ROUNDS = 5;
/** What a weak GPU is done with in a minute or two. */
const QUICK: readonly WorkloadId[] = ['train-2x64', 'rollout-2x64', 'mlp-bandit'];
const OTHERS = ['tfjs', 'jax'] as const;
const GROWTH: Words = {
  title: 'How a step grows',
  help: 'The training step of the lab over width, depth, T and batch.',
};

export function Measure(): ReactElement {
  const [workloads, setWorkloads] = useState<readonly WorkloadId[]>(QUICK);
  const [others, setOthers] = useState<readonly (typeof OTHERS)[number][]>(OTHERS);
  const [growth, setGrowth] = useState(false);
  const running = useBench(({ phase }) => phase === 'running');
  const obstacle = useObstacle();
  const nothing = workloads.length === 0 && !growth;
  const start = (): void => {
    pauseTraining();
    const runtime = browserInWords(navigator.userAgent);
    const address = `${window.location.origin}${window.location.pathname}#/bench`;
    // In the order in which they are shown, whatever the order of the clicks was.
    const request: BenchRequest = {
      workloads: WORKLOADS.filter((id) => workloads.includes(id)),
      others: OTHERS.filter((id) => others.includes(id)),
      rounds: ROUNDS,
      growth,
      runtime,
      address,
    };
    bench.start(request);
  };
  return (
    <section className={classes.measure} aria-label="Measure">
      <div className={classes.choices}>
        <Choices legend="Workloads" disabled={running}>
          {WORKLOADS.map((id) => (
            <Choice
              key={id}
              id={id}
              words={WORKLOAD_WORDS[id]}
              checked={workloads.includes(id)}
              onChange={(on) => setWorkloads(on ? [...workloads, id] : workloads.filter((other) => other !== id))}
            />
          ))}
          <Choice id="growth" words={GROWTH} checked={growth} onChange={setGrowth} />
        </Choices>
        <Choices legend="Beside the lab" disabled={running}>
          {OTHERS.map((id) => (
            <Choice
              key={id}
              id={id}
              words={ENGINE_WORDS[id]}
              checked={others.includes(id)}
              onChange={(on) => setOthers(on ? [...others, id] : others.filter((other) => other !== id))}
            />
          ))}
        </Choices>
      </div>
      <div className={classes.action}>
        {running ? (
          <Button size="lg" variant="default" onClick={bench.cancel} data-testid="cancel">
            Cancel
          </Button>
        ) : (
          <Button size="lg" onClick={start} disabled={nothing || obstacle !== null} data-testid="measure">
            Measure this GPU
          </Button>
        )}
        {running ? <Progress /> : <Hint obstacle={obstacle} nothing={nothing} />}
      </div>
      <Problems />
    </section>
  );
}

/** A run that trains would be measured along with the bench: it pauses, and goes on from there later. */
function pauseTraining(): void {
  const training = Object.values(lab.store.getState().runs).find(({ state }) => state === 'running' || state === 'preparing');
  if (training === undefined) return;
  lab.look(training.id);
  lab.pause();
}

/** Why nothing can be measured, in words. The lab's own worker finds out first. */
function useObstacle(): string | null {
  return useLab(({ device }) => {
    if (device === null || device.backend === 'webgpu') return null;
    return `There is no WebGPU here, so there is nothing to measure. ${device.fallbackReason ?? ''}`.trim();
  });
}

function Choices({ legend, disabled, children }: { legend: string; disabled: boolean; children: ReactNode }): ReactElement {
  return (
    <fieldset className={classes.fieldset} disabled={disabled}>
      <legend className={classes.legend}>{legend}</legend>
      {children}
    </fieldset>
  );
}

interface ChoiceProps {
  readonly id: string;
  readonly words: Words;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

const Choice = ({ id, words, checked, onChange }: ChoiceProps): ReactElement => (
  <label className={classes.choice}>
    <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} data-testid={`choose-${id}`} />
    <span>
      {words.title}
      <span className={classes.help}>{words.help}</span>
    </span>
  </label>
);

function Progress(): ReactElement {
  const done = useBench((state) => state.done);
  const doing = useBench((state) => state.doing);
  const eta = useBench((state) => (state.eta === null ? null : Math.ceil(state.eta)));
  return (
    <div className={classes.progress}>
      <div
        className={classes.track}
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(100 * done)}
      >
        <span style={{ width: `${100 * done}%` }} />
      </div>
      <p className={classes.doing}>
        <span>{inWords(doing)}</span>
        <span>{eta === null ? '' : `about ${formatDuration(eta)} left`}</span>
      </p>
    </div>
  );
}

/** The bench names a workload by its id. */
function inWords(doing: string): string {
  const workload = WORKLOADS.find((id) => doing.startsWith(`${id}: `));
  return workload === undefined ? doing : doing.replace(workload, WORKLOAD_WORDS[workload].title);
}

/** What a press will do, or why it cannot. */
function Hint({ obstacle, nothing }: { obstacle: string | null; nothing: boolean }): ReactElement {
  const phase = useBench((state) => state.phase);
  const training = useLab(({ runs }) => Object.values(runs).some(({ state }) => state === 'running' || state === 'preparing'));
  const software = useLab(({ device }) => device?.software === true);
  const words =
    obstacle ??
    (nothing
      ? 'Choose something to measure.'
      : training
        ? 'A run is training. Measuring pauses it; it can go on afterwards.'
        : phase === 'cancelled'
          ? 'Cancelled. What had been measured is kept.'
          : software
            ? 'WebGPU runs in software here: this takes minutes, and says little about GPUs.'
            : 'It runs beside the page; nothing leaves this computer.');
  return (
    <p className={classes.hint} role="status" data-testid="bench-hint">
      {words}
    </p>
  );
}

function Problems(): ReactElement | null {
  const problems = useBench((state) => state.problems);
  if (problems.length === 0) return null;
  return (
    <ul className={classes.problems} role="alert">
      {problems.map((problem) => (
        <li key={problem}>{problem}</li>
      ))}
    </ul>
  );
}
