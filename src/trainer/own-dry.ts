/** Dry runs of a reader's objective or reward on small random inputs, on the processor, to find what is wrong before training. */
import * as tf from '@tensorflow/tfjs-core';
import { defaultsOf, SpecError } from '../core/params';
import type { Facts, Reward } from '../core/reward';
import { createRng, type Rng } from '../core/rng';
import { EOS, type World, type WorldInstance } from '../core/world';
import type { LossOutput, Objective } from '../objectives/objective';
import { advantagesOf, evaluate, type PlainBatch } from '../objectives/plain';
import { randomBatch } from '../objectives/random-batch';
import { WORLDS } from '../worlds';
import { completionOf } from '../worlds/text';
import { fault, lineOf, OwnFault } from './own-source';

/** Batches of a dry run. A gradient may vanish on one of them by chance. */
const BATCHES = 3;
const COMPLETIONS = 20;

/** Runs an objective on random batches of its kind. @throws OwnFault */
export function runDry(objective: Objective, source: string): void {
  const params = defaultsOf(objective.params) as never;
  const reads = (key: 'needsReference' | 'needsHead'): boolean => objective[key]?.(params) ?? false;
  const reference = reads('needsReference');
  const head = reads('needsHead');
  onProcessor(() => {
    let moved = false;
    for (let i = 0; i < BATCHES; i++) {
      const drawn = randomBatch(objective.data, createRng(i).fork('dry run'));
      const batch: PlainBatch = {
        ...drawn,
        refLogp: reference ? drawn.refLogp : null,
        ...(head ? {} : { values: null, scores: null, returns: null, oldValues: null }),
        rewardBaselines: objective.baseline === undefined ? null : drawn.rewardBaselines,
        draws: objective.draws === undefined ? null : drawn.draws,
        carried: objective.carries === undefined ? null : [...objective.carries],
      };
      if (objective.advantages !== undefined) assertAdvantages(objective, batch, params, source);
      moved = assertLoss(objective, batch, params, source) || moved;
    }
    if (!moved) {
      throw fault(
        'Not differentiable: the gradient is 0 everywhere. The loss has to depend on logp, entropy or the head through ops with a gradient.',
        lineOf(source, 'loss'),
      );
    }
  });
}

/** Whether the gradient is anything but 0. */
function assertLoss(objective: Objective, batch: PlainBatch, params: object, source: string): boolean {
  const watched: Objective = { ...objective, loss: (input) => sound(objective, input, source) };
  const wrong = (message: string): OwnFault => fault(message, lineOf(source, 'loss'));
  let outcome: ReturnType<typeof evaluate>;
  try {
    outcome = evaluate(watched, batch, params);
  } catch (error) {
    throw error instanceof OwnFault ? error : wrong(differentiation(error));
  }
  if (!Number.isFinite(outcome.loss)) throw wrong(`The loss is not finite: it is ${outcome.loss} on a batch of ordinary numbers.`);
  for (const [id, value] of Object.entries(outcome.diagnostics)) {
    // A diagnostic that the settings leave unmeasured is not a number on purpose.
    if (Math.abs(value) === Number.POSITIVE_INFINITY) throw fault(`The diagnostic ${id} is infinite.`, lineOf(source, id));
  }
  const { gradient, gradients } = outcome;
  const perToken = [gradient, gradients.entropy, gradients.values ?? []];
  const all = [...perToken.flat(2), ...(gradients.scores ?? [])];
  if (!all.every(Number.isFinite)) throw wrong('The gradient is not finite, as of log(0), sqrt(0) or a division by 0.');
  const leaks = perToken.some((matrix) => matrix.some((row, r) => row.some((value, t) => value !== 0 && batch.mask[r]?.[t] === 0)));
  if (leaks) throw wrong('Masked tokens carry gradient. Multiply by mask, or use tokenMean, sequenceSum and the like of ./terms.');
  return all.some((value) => value !== 0);
}

/** The output of a loss, where it is what the contract asks for. @throws OwnFault */
function sound(objective: Objective, input: Parameters<Objective['loss']>[0], source: string): LossOutput<string> {
  const output: unknown = objective.loss(input);
  const wrong = (message: string, member = 'loss'): OwnFault => fault(message, lineOf(source, member));
  const { loss, diagnostics = {}, terms = {}, carry = [] } = (output ?? {}) as Partial<LossOutput<string>>;
  assertScalar(loss, 'loss has to return { loss, diagnostics } with a loss that', (message) => wrong(message));
  const declared = Object.keys(objective.diagnostics);
  const missing = declared.find((id) => !(id in diagnostics));
  if (missing !== undefined) throw wrong(`The diagnostic ${missing} is declared and loss does not return it.`, missing);
  const extra = Object.keys(diagnostics).find((id) => !declared.includes(id));
  if (extra !== undefined) throw wrong(`loss returns the diagnostic ${extra}, which is not declared under diagnostics.`);
  for (const [id, value] of Object.entries({ ...diagnostics, ...terms })) assertScalar(value, `${id} has to be a tensor that`, wrong);
  for (const value of carry) assertScalar(value, 'Each of carry has to be a tensor that', wrong);
  const carries = objective.carries?.length ?? 0;
  if (carry.length !== carries) throw wrong(`loss returns ${carry.length} sums to carry and carries declares ${carries}.`);
  for (const [name, value] of Object.entries(input)) {
    if (value instanceof tf.Tensor && value.isDisposed) throw wrong(`loss disposes of ${name}, which the lab still needs.`);
  }
  return output as LossOutput<string>;
}

function assertScalar(value: unknown, what: string, wrong: (message: string) => OwnFault): void {
  if (!(value instanceof tf.Tensor)) throw wrong(`${what} is a tensor of tfjs; it is ${value === undefined ? 'missing' : typeof value}.`);
  if (value.isDisposed) throw wrong(`${what} has not been disposed of.`);
  if (value.shape.length > 0) throw wrong(`${what} is one number, of shape []; its shape is [${value.shape.join(', ')}].`);
  if (value.dtype !== 'float32') throw wrong(`${what} is of type float32; it is ${value.dtype}.`);
}

/** tfjs's words for a loss that it cannot differentiate. */
function differentiation(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const op = /gradient function not found for (\w+)/.exec(message)?.[1];
  return op === undefined ? message : `Not differentiable: tfjs knows no gradient of ${op}, through which the loss depends on the policy.`;
}

function assertAdvantages(objective: Objective, batch: PlainBatch, params: object, source: string): void {
  const checked =
    (member: 'advantages' | 'returns') =>
    (input: Parameters<NonNullable<Objective['advantages']>>[0]): tf.Tensor2D => {
      const result: unknown = objective[member]?.(input);
      const wrong = (what: string): OwnFault => fault(`${member} ${what}`, lineOf(source, member));
      const { shape } = input.mask;
      if (!(result instanceof tf.Tensor)) throw wrong('has to return a tensor.');
      if (result.isDisposed) throw wrong('returns a tensor that has been disposed of.');
      if (result.shape.join() !== shape.join()) {
        throw wrong(
          `has to return a tensor of the mask's shape [R, T], here [${shape.join(', ')}]; its shape is [${result.shape.join(', ')}].`,
        );
      }
      return result as tf.Tensor2D;
    };
  const { returns, ...rest } = objective;
  const watched: Objective = {
    ...rest,
    advantages: checked('advantages'),
    ...(returns === undefined ? {} : { returns: checked('returns') }),
  };
  const seen = { count: 0, mean: 0 };
  const given = { ...batch, refLogp: batch.refLogp, oldValues: batch.values === null ? null : batch.oldValues };
  const found = advantagesOf(watched, given, params, seen);
  if (!found.advantages.flat().every(Number.isFinite)) throw fault('The advantages are not finite.', lineOf(source, 'advantages'));
  if (!(found.returns ?? []).flat().every(Number.isFinite)) throw fault('The returns are not finite.', lineOf(source, 'returns'));
}

/**
 * Scores what is written in each world. A reward may make sense in some worlds only, and say so; where none of them suits it,
 * it cannot be tried here.
 * @throws OwnFault where it goes wrong and in no world right
 */
export function scoreDry(reward: Reward, source: string): void {
  let first: unknown = null;
  for (const world of Object.values<World>(WORLDS)) {
    try {
      scoreIn(opened(world), reward, source);
      return;
    } catch (error) {
      if (!(error instanceof SpecError)) first ??= error;
    }
  }
  if (first !== null) throw first;
}

const opened = (world: World): WorldInstance => world.create(defaultsOf(world.params), { dataset: () => undefined });

function scoreIn(world: WorldInstance, reward: Reward, source: string): void {
  const params = defaultsOf(reward.params);
  const needs = reward.needs?.(params) ?? {};
  const rng = createRng(0).fork('dry run');
  const wrong = (message: string): OwnFault => fault(message, lineOf(source, 'score'));
  for (let i = 0; i < COMPLETIONS; i++) {
    const example = world.sample(rng, 'train');
    const written = Array.from({ length: rng.below(world.completionLength + 1) }, () => rng.below(world.vocab.tokens.length));
    const completion = completionOf(world.vocab, written, world.sampleable?.includes(EOS) ?? true);
    const length = completion.tokens.length + (completion.ended ? 1 : 0);
    const facts = factsOf(rng, length, needs);
    const score = reward.score({ world, example, completion, facts, params }) as unknown;
    const { total, parts } = (score ?? {}) as { total?: unknown; parts?: unknown };
    if (!Number.isFinite(total)) throw wrong(`score has to return { total, parts } with a finite total; it is ${String(total)}.`);
    if (typeof parts !== 'object' || parts === null) throw wrong('score has to return { total, parts }; parts may be empty.');
    for (const [part, value] of Object.entries(parts)) {
      if (reward.itemised !== true && !Object.hasOwn(reward.parts, part))
        throw wrong(`score returns the part ${part}, which is not declared under parts.`);
      if (!Number.isFinite(value)) throw wrong(`The part ${part} is not finite: it is ${String(value)}.`);
    }
  }
}

function factsOf(rng: Rng, length: number, { reference = false, models = 0 }: { reference?: boolean; models?: number }): Facts {
  const logp = (): number[] => Array.from({ length }, () => -2 * rng.uniform());
  return { logp: logp(), refLogp: reference ? logp() : [], models: Array.from({ length: models }, () => rng.normal()) };
}

/** Computes on the processor, where numbers can be read at once, and goes back to the device that was in use. */
function onProcessor(work: () => void): void {
  const engine = tf.engine();
  // None where no device has been opened yet.
  const before: string | undefined = engine.backendName;
  // Nothing is awaited: this backend is there at once, and the other is there already.
  void engine.setBackend('cpu');
  try {
    work();
  } finally {
    if (before !== undefined) void engine.setBackend(before);
  }
}
