import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Checkpoint, RunFailure } from '../core/events';
import { resolveSpec } from '../core/resolve';
import type { RunSpec } from '../core/spec';
import { catalogue } from '../trainer/catalogue';
import { installGuard } from '../trainer/own-guard';
import { type Device, openDevice } from './device';
import type { FromWorker, ToWorker } from './protocol';
import { createSession } from './session';

let device: Device;
let failure: RunFailure | null = null;
beforeAll(async () => {
  const opened = await openDevice({ prefer: 'cpu', strict: true });
  device = { ...opened, failure: () => failure };
});

const SPEC: RunSpec = resolveSpec(
  {
    world: { id: 'bins', params: { bins: 12 } },
    policy: 'categorical',
    stages: [{ objective: 'grpo', training: { source: 'samples', prompts: 1, group: 6, steps: 12, refreshEvery: 4, lr: 0.05 } }],
    evaluation: { every: 5, prompts: 2, samples: 2 },
  },
  catalogue(),
);

/** A session whose messages can be awaited. */
function open() {
  const messages: FromWorker[] = [];
  const waiting: { want: (message: FromWorker) => boolean; resolve: () => void }[] = [];
  const session = createSession(device, (message) => {
    messages.push(message);
    for (const { want, resolve } of waiting) if (want(message)) resolve();
  });
  const until = (want: (message: FromWorker) => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting.push({ want, resolve });
    });
  const state = (name: string) => until((message) => message.type === 'state' && message.state === name);
  const send = (message: ToWorker): Promise<void> => session.handle(message);
  const start = (runId: string, more: Partial<Extract<ToWorker, { type: 'start' }>> = {}) =>
    send({ type: 'start', runId, spec: SPEC, from: null, paused: false, ...more });
  const steps = () => messages.flatMap((m) => (m.type === 'event' && m.event.type === 'step' ? [m.event.step] : []));
  const lastCheckpoint = (): Checkpoint => {
    const found = messages.flatMap((m) => (m.type === 'event' && m.event.type === 'checkpoint' ? [m.event.checkpoint] : [])).at(-1);
    if (found === undefined) throw new Error('no checkpoint was sent');
    return found;
  };
  return { messages, until, state, send, start, steps, lastCheckpoint };
}

async function straight(): Promise<Checkpoint> {
  const { start, state, lastCheckpoint } = open();
  const finished = state('finished');
  await start('straight');
  await finished;
  return lastCheckpoint();
}

describe('a session', () => {
  it('trains to the end and sends the last checkpoint', async () => {
    const checkpoint = await straight();
    expect(checkpoint.step).toBe(12);
  });

  it('pauses between steps, steps once, resumes, and ends where the straight run ends', async () => {
    const session = open();
    const third = session.until((m) => m.type === 'event' && m.event.type === 'step' && m.event.step === 3);
    await session.start('a');
    await third;
    const paused = session.state('paused');
    await session.send({ type: 'pause', runId: 'a' });
    await paused;
    const held = session.steps().length;
    const pausedAgain = session.state('paused');
    await session.send({ type: 'step', runId: 'a' });
    await pausedAgain;
    expect(session.steps()).toHaveLength(held + 1);
    const finished = session.state('finished');
    await session.send({ type: 'resume', runId: 'a' });
    await finished;
    expect(session.lastCheckpoint()).toEqual(await straight());
  });

  it('trains two runs in turns, each to the same bits as by itself', async () => {
    const session = open();
    let from: Record<string, Checkpoint | null> = { a: null, b: null };
    for (const runId of ['a', 'b', 'a', 'b', 'a', 'b']) {
      const rested = session.until((m) => m.type === 'state' && m.runId === runId && (m.state === 'paused' || m.state === 'finished'));
      await session.start(runId, { from: from[runId] ?? null, paused: true });
      await rested;
      const turnOver = session.until((m) => m.type === 'state' && m.runId === runId && (m.state === 'paused' || m.state === 'finished'));
      await session.send({ type: 'resume', runId, steps: 5 });
      await turnOver;
      from = { ...from, [runId]: session.lastCheckpoint() };
    }
    expect(session.steps()).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 6, 7, 8, 9, 10, 11, 12, 11, 12]);
    expect(from.a).toEqual(await straight());
    expect(from.b).toEqual(from.a);
  });

  it('says how much memory a run takes once it has opened, and how little is left after it', async () => {
    const { start, state, messages } = open();
    const finished = state('finished');
    await start('a');
    await finished;
    const held = messages.flatMap((message) => (message.type === 'memory' ? [message] : []));
    expect(held[0]?.bytes).toBeGreaterThan(held.at(-1)?.bytes ?? 0);
    expect(held.at(-1)?.tensors).toBe(0);
  });

  it('sends the numbers of every step that a checkpoint covers before the checkpoint', async () => {
    const session = open();
    const fourth = session.until((m) => m.type === 'event' && m.event.type === 'step' && m.event.step === 4);
    await session.start('a');
    await fourth;
    const paused = session.state('paused');
    await session.send({ type: 'pause', runId: 'a' });
    await paused;
    let reported = 0;
    for (const message of session.messages) {
      if (message.type !== 'event') continue;
      if (message.event.type === 'metrics') reported = Math.max(reported, ...message.event.steps);
      if (message.event.type === 'checkpoint') expect(reported).toBe(message.event.checkpoint.step);
    }
    expect(session.lastCheckpoint().step).toBeGreaterThanOrEqual(4);
    await session.send({ type: 'stop', runId: 'a' });
  });

  it('stops with a checkpoint from which another session goes on to the same bits', async () => {
    const first = open();
    const fifth = first.until((m) => m.type === 'event' && m.event.type === 'step' && m.event.step === 5);
    await first.start('a');
    await fifth;
    await first.send({ type: 'stop', runId: 'a' });
    expect(first.messages.at(-1)).toEqual({ type: 'state', runId: 'a', state: 'stopped' });
    const from = first.lastCheckpoint();
    expect(from.step).toBeLessThan(12);
    const second = open();
    const finished = second.state('finished');
    await second.start('b', { from: structuredClone(from) });
    await finished;
    expect(second.lastCheckpoint()).toEqual(await straight());
  });

  it('stops the active run when another starts', async () => {
    const session = open();
    const begun = session.state('running');
    await session.start('a');
    await begun;
    const finished = session.state('finished');
    await session.start('b');
    await finished;
    const states = session.messages.flatMap((m) => (m.type === 'state' ? [`${m.runId} ${m.state}`] : []));
    expect(states).toEqual(['a preparing', 'a running', 'a stopped', 'b preparing', 'b running', 'b finished']);
  });

  it('answers a spec that cannot be prepared with a sentence, and takes the next one', async () => {
    const session = open();
    const lost = { ...SPEC, world: { id: 'file', params: { dataset: 'nothing' } }, policy: { id: 'gpt', params: {} } };
    await session.start('a', { spec: lost });
    expect(session.messages.at(-1)).toMatchObject({ type: 'failed', runId: 'a', kind: 'bad-spec' });
    const finished = session.state('finished');
    await session.start('b');
    await finished;
  });

  it('fails a run when the device has failed, and sends no checkpoint after that', async () => {
    const session = open();
    const second = session.until((m) => m.type === 'event' && m.event.type === 'step' && m.event.step === 2);
    const failed = session.until((m) => m.type === 'failed');
    await session.start('a');
    await second;
    failure = new RunFailure('device-lost', 'The graphics device was lost: test.');
    await failed;
    failure = null;
    expect(session.messages.at(-1)).toEqual({
      type: 'failed',
      runId: 'a',
      kind: 'device-lost',
      message: 'The graphics device was lost: test.',
    });
    const after = session.messages.slice(session.messages.findIndex((m) => m.type === 'failed'));
    expect(after.some((m) => m.type === 'event' && m.event.type === 'checkpoint')).toBe(false);
  });

  it('shows the start of a run that is started paused, takes no step, and then goes on', async () => {
    const session = open();
    const paused = session.state('paused');
    await session.start('a', { paused: true });
    await paused;
    expect(session.steps()).toEqual([]);
    const shown = session.messages.flatMap((m) => (m.type === 'event' ? [m.event.type] : []));
    expect(shown).toEqual(['started', 'metrics', 'samples', 'distribution', 'slices', 'opened']);
    const finished = session.state('finished');
    await session.send({ type: 'resume', runId: 'a' });
    await finished;
    expect(session.lastCheckpoint()).toEqual(await straight());
  });

  it('reads a file, reports on it, and trains on it', async () => {
    const session = open();
    const lines = [
      '{"prompt":"2+3=","completion":"5"}',
      'not json',
      '{"prompt":"1+1=","completion":"2"}',
      '{"prompt":"4+4=","completion":"8"}',
    ];
    await session.send({ type: 'dataset', name: 'sums.jsonl', bytes: new TextEncoder().encode(lines.join('\n')).buffer as ArrayBuffer });
    const message = session.messages.at(-1);
    if (message?.type !== 'dataset') throw new Error('no report');
    expect(message.report).toMatchObject({ kind: 'prompt-completion', rows: 3, problemCount: 1, error: null });
    expect(message.report.problems[0]?.line).toBe(2);
    const spec = resolveSpec(
      {
        world: { id: 'file', params: { dataset: message.report.id } },
        policy: { id: 'gpt', params: { layers: 1, width: 8, heads: 2 } },
        stages: [{ objective: 'sft', training: { steps: 2, batchSize: 2 } }],
        evaluation: { every: 2, prompts: 1, samples: 1 },
      },
      catalogue(),
    );
    const finished = session.state('finished');
    await session.start('a', { spec });
    await finished;
  });
});

describe('own code in a session', () => {
  const source = `import * as tf from '@tensorflow/tfjs-core';
import { defineObjective } from './objective';
import { centred, perToken, tokenMean } from './terms';

let drawn = 0;
export const mine = defineObjective({
  id: 'mine',
  title: 'Mine',
  summary: 'REINFORCE with the group mean.',
  formula: 'x',
  data: 'rollouts',
  family: 'online',
  params: {},
  diagnostics: {},
  needsReference: () => false,
  advantages({ rewards, mask, group }) {
    drawn += 1;
    /* here */
    return perToken(centred(rewards, group), mask);
  },
  loss: ({ logp, mask, batch, totals }) => ({ loss: tf.neg(tokenMean(tf.mul(logp, batch.advantages), mask, totals)), diagnostics: {} }),
});
`;
  const specWith = (code: string): RunSpec => ({
    ...SPEC,
    stages: SPEC.stages.map((stage) => ({ ...stage, objective: { id: 'own/mine', params: {}, source: code } })),
  });

  beforeAll(() => installGuard((call) => call()));
  afterAll(() => installGuard(null));

  it('trains as any run does: it pauses, and goes on from its checkpoint to the same bits', async () => {
    const spec = specWith(source);
    const whole = open();
    const finished = whole.state('finished');
    await whole.start('whole', { spec });
    await finished;

    const first = open();
    const fifth = first.until((m) => m.type === 'event' && m.event.type === 'step' && m.event.step === 5);
    await first.start('a', { spec });
    await fifth;
    const stopped = first.state('stopped');
    await first.send({ type: 'stop', runId: 'a' });
    await stopped;
    const from = first.lastCheckpoint();
    expect(from.step).toBeLessThan(12);
    const second = open();
    const ended = second.state('finished');
    await second.start('a', { spec, from });
    await ended;
    expect(second.lastCheckpoint().theta).toEqual(whole.lastCheckpoint().theta);
  });

  it('fails with the sentence and the line where the code fails in the middle of a run', async () => {
    const session = open();
    // Three dry draws, and then the run's own: one every four steps.
    const failing = specWith(source.replace('/* here */', "if (drawn > 5) throw new Error('enough');"));
    const failed = session.until((m) => m.type === 'failed');
    await session.start('a', { spec: failing });
    await failed;
    expect(session.messages.find((m) => m.type === 'failed')).toEqual({
      type: 'failed',
      runId: 'a',
      kind: 'own-code',
      message: 'Line 18: enough.',
    });
    expect(session.steps().length).toBeGreaterThan(4);
  });

  it('refuses at the field what does not compile', async () => {
    const session = open();
    await session.start('a', { spec: specWith(source.replace('loss:', 'lose:')) });
    const failed = session.messages.find((m) => m.type === 'failed');
    expect(failed).toMatchObject({
      kind: 'bad-spec',
      message: expect.stringMatching(/^stages\[0\]\.objective: Line 1: The file exports no objective/),
    });
  });

  it('runs none without a guard', async () => {
    installGuard(null);
    try {
      const session = open();
      await session.start('a', { spec: specWith(source) });
      expect(session.messages.find((m) => m.type === 'failed')).toMatchObject({ message: expect.stringMatching(/does not run here/) });
    } finally {
      installGuard((call) => call());
    }
  });

  it('answers a check with the errors, or with what it is', async () => {
    const session = open();
    await session.send({ type: 'check', id: 1, kind: 'objective', source });
    await session.send({ type: 'check', id: 2, kind: 'objective', source: source.replace('tf.neg(', 'tf.no(') });
    const checked = session.messages.filter((m) => m.type === 'checked');
    expect(checked[0]).toMatchObject({ id: 1, errors: [], entry: { id: 'mine', data: 'rollouts', source } });
    expect(checked[1]).toMatchObject({ id: 2, entry: null, errors: [{ line: 21, message: 'tf.no is not a function.' }] });
  });
});
