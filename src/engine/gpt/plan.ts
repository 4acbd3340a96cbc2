/** The GPT as lists of dispatches: forward 5 L + 2, backward 5 L + 2; a scalar head adds one to either. */
import {
  type Arena,
  type Axes,
  arenaOf,
  axesOf,
  type GptModel,
  hasHead,
  normName,
  plainAxis,
  type WeightAt,
  weightOffsets,
} from '../model';
import type { Step } from '../plan';
import { type Attention, attention } from '../shaders/attention';
import { type BatchSize, ends } from '../shaders/ends';
import { type NormAt, type NormBackAt, type Products, products } from '../shaders/products';
import type { Scheme } from '../shaders/scheme';
import { valueHead } from '../shaders/value';
import { embeddingJob, jobTable, normJob, productJob, sumJob, weightsStep } from '../shaders/weights';

/** Everything that a list of dispatches is made from. */
export interface Parts {
  readonly model: GptModel;
  readonly scheme: Scheme;
  readonly axes: Axes;
  readonly at: WeightAt;
  readonly product: Products;
  readonly attend: Attention;
  readonly end: ReturnType<typeof ends>;
  /** null where the model has no scalar head */
  readonly value: ReturnType<typeof valueHead> | null;
}

/** @param scheme how the threads of a workgroup work; the results are the same */
export function partsOf(model: GptModel, scheme: Scheme): Parts {
  const axes = axesOf(model);
  return {
    model,
    scheme,
    axes,
    at: weightOffsets(model.layout),
    product: products(scheme, axes.element),
    attend: attention(model.heads, model.width / model.heads, axes.headVectors),
    end: ends(scheme, axes.element, axes.width, axes.vocab),
    value: hasHead(model.layout) ? valueHead(axes.element) : null,
  };
}

/** The slices of block `layer` by their short names. */
export const blockAt =
  (at: WeightAt, layer: number): WeightAt =>
  (name) =>
    at(`transformer.h.${layer}.${name}`);

/** Where LayerNorm i reads and writes. */
const normAt = ({ at, model }: Parts, arena: Arena, i: number): NormAt => ({
  stream: arena.stream(i),
  stats: arena.stats(i),
  normed: arena.normed(i),
  gain: at(`${normName(i, model.layers)}.weight`),
  bias: at(`${normName(i, model.layers)}.bias`),
});

/** Tokens [R, T] to log-probabilities and entropies [R, T]. */
export function forwardSteps(parts: Parts, size: BatchSize, arena: Arena): Step[] {
  const { model, axes, at, product, attend, end } = parts;
  const rows = size.rows * size.length;
  const blocks = Array.from({ length: model.layers }, (_, layer): Step[] => {
    const weight = blockAt(at, layer);
    const [first, second, next] = [2 * layer, 2 * layer + 1, 2 * layer + 2];
    const qkv = arena.qkv(layer);
    const mixed = arena.mixed(layer);
    const bent = arena.bent(layer);
    const hidden = arena.hidden(layer);
    return [
      product.biased(
        { rows, x: arena.normed(first), k: axes.width, y: qkv, n: axes.qkv, w: weight('attn.c_attn.weight') },
        weight('attn.c_attn.bias'),
      ),
      attend.forward({ ...size, qkv, scores: arena.scores(layer), mixed }),
      product.residual(
        { rows, x: mixed, k: axes.mixed, y: arena.stream(second), n: axes.width, w: weight('attn.c_proj.weight') },
        weight('attn.c_proj.bias'),
        arena.stream(first),
        normAt(parts, arena, second),
      ),
      product.gelu(
        { rows, x: arena.normed(second), k: axes.width, y: bent, n: axes.hidden, w: weight('mlp.c_fc.weight') },
        weight('mlp.c_fc.bias'),
        hidden,
      ),
      product.residual(
        { rows, x: hidden, k: axes.hidden, y: arena.stream(next), n: axes.width, w: weight('mlp.c_proj.weight') },
        weight('mlp.c_proj.bias'),
        arena.stream(second),
        normAt(parts, arena, next),
      ),
    ];
  });
  const wte = at('transformer.wte.weight');
  const { logits, outcome } = arena;
  return [
    end.embed(size, { wte, wpe: at('transformer.wpe.weight'), ...normAt(parts, arena, 0) }),
    ...blocks.flat(),
    end.head({ rows, x: arena.normed(2 * model.layers), k: axes.width, y: logits, n: axes.vocab, w: wte }, size.length, outcome),
  ];
}

/** The scalar head's own dispatches, after the forward ones and before the backward ones. */
export function headSteps({ model, axes, at, value }: Parts, size: BatchSize, arena: Arena): { forward: Step; backward: Step } | null {
  if (value === null) return null;
  const rows = size.rows * size.length;
  return {
    forward: value.forward(rows, arena.normed(2 * model.layers), axes.width, at('v_head.weight'), at('v_head.bias')),
    backward: value.backward(rows, arena.grad.head),
  };
}

/** From the gradients of the outputs to that of θ. The job table goes into a buffer of its own. */
export function backwardSteps(parts: Parts, size: BatchSize, arena: Arena): { steps: Step[]; table: Uint32Array } {
  const { model, axes, at, product, attend, end, value } = parts;
  const { grad } = arena;
  const rows = size.rows * size.length;
  const last = 2 * model.layers;
  /** LayerNorm i's way back; `around` is the gradient of the stream after it, where something follows. */
  const back = (i: number): NormBackAt => ({
    stream: arena.stream(i),
    stats: arena.stats(i),
    gain: at(`${normName(i, model.layers)}.weight`),
    gradStream: grad.stream(i),
    around: i === last ? 0 : grad.stream(i + 1),
    hasAround: i === last ? 0 : 1,
  });
  const blocks = Array.from({ length: model.layers }, (_, i): Step[] => {
    const layer = model.layers - 1 - i;
    const weight = blockAt(at, layer);
    const [first, second, next] = [2 * layer, 2 * layer + 1, 2 * layer + 2];
    const bent = grad.bent(layer);
    const qkv = grad.qkv(layer);
    return [
      product.geluBack(
        { rows, x: grad.stream(next), k: axes.width, y: bent, n: axes.hidden, w: weight('mlp.c_proj.weight') },
        arena.bent(layer),
      ),
      product.normBack(
        { rows, x: bent, k: axes.hidden, y: grad.normed(second), n: axes.width, w: weight('mlp.c_fc.weight') },
        back(second),
      ),
      product.transposed({ rows, x: grad.stream(second), k: axes.width, y: grad.mixed, n: axes.mixed, w: weight('attn.c_proj.weight') }),
      attend.backward({
        ...size,
        qkv: arena.qkv(layer),
        scores: arena.scores(layer),
        mixed: arena.mixed(layer),
        gradMixed: grad.mixed,
        gradQkv: qkv,
      }),
      product.normBack({ rows, x: qkv, k: axes.qkv, y: grad.normed(first), n: axes.width, w: weight('attn.c_attn.weight') }, back(first)),
    ];
  });
  const { words, groups, jobs } = weightJobs(parts, size, arena);
  return {
    table: words,
    steps: [
      end.headBack(
        { rows, x: grad.logits, k: axes.vocab, y: grad.normed(last), n: axes.width, w: at('transformer.wte.weight') },
        size.length,
        { logits: arena.logits, outcome: arena.outcome },
        back(last),
        value === null ? null : { gradHead: grad.head, valueWeight: at('v_head.weight') },
      ),
      ...blocks.flat(),
      weightsStep(parts.scheme, rows, jobs, groups),
    ],
  };
}

/** One job or two for every slice of θ: together they write the whole gradient. */
function weightJobs(
  { model, axes, at, scheme, value }: Parts,
  size: BatchSize,
  arena: Arena,
): { words: Uint32Array; groups: number; jobs: number } {
  const { grad } = arena;
  const tokens = size.rows * size.length;
  const column = { lines: 1, live: 1, terms: tokens, jump: 1 };
  const norm = (i: number) => {
    const name = normName(i, model.layers);
    return normJob(at(`${name}.weight`), at(`${name}.bias`), grad.normed(i), axes.width, arena.stream(i), arena.stats(i));
  };
  const blocks = Array.from({ length: model.layers }, (_, layer) => {
    const weight = blockAt(at, layer);
    const [first, second, next] = [2 * layer, 2 * layer + 1, 2 * layer + 2];
    return [
      productJob(weight('mlp.c_fc.weight'), arena.normed(second), axes.width, grad.bent(layer), axes.hidden),
      productJob(weight('mlp.c_proj.weight'), arena.hidden(layer), axes.hidden, grad.stream(next), axes.width),
      productJob(weight('attn.c_attn.weight'), arena.normed(first), axes.width, grad.qkv(layer), axes.qkv),
      productJob(weight('attn.c_proj.weight'), arena.mixed(layer), axes.mixed, grad.stream(second), axes.width),
      sumJob(weight('mlp.c_fc.bias'), grad.bent(layer), axes.hidden, column),
      sumJob(weight('mlp.c_proj.bias'), grad.stream(next), axes.width, column),
      sumJob(weight('attn.c_attn.bias'), grad.qkv(layer), axes.qkv, column),
      sumJob(weight('attn.c_proj.bias'), grad.stream(second), axes.width, column),
      norm(first),
      norm(second),
    ];
  });
  const last = 2 * model.layers;
  const single = plainAxis(1);
  const headJobs =
    value === null
      ? []
      : [
          productJob(at('v_head.weight'), arena.normed(last), axes.width, grad.head, single),
          sumJob(at('v_head.bias'), grad.head, single, column),
        ];
  const places = { lines: model.maxLen, live: size.length, terms: size.rows, jump: size.length };
  const jobs = [
    embeddingJob(at('transformer.wte.weight'), grad.logits, axes.vocab, arena.normed(last), axes.width, grad.stream(0)),
    ...blocks.flat(),
    sumJob(at('transformer.wpe.weight'), grad.stream(0), axes.width, places),
    norm(last),
    ...headJobs,
  ];
  return { ...jobTable(scheme, jobs), jobs: jobs.length };
}

/** The arena of a batch. */
export const arenaFor = ({ model, axes }: Parts, size: BatchSize, forGradient: boolean): Arena =>
  arenaOf(model, axes, size.rows * size.length, forGradient);
