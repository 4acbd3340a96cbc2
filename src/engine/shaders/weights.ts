/**
 * Every gradient of a weight in one dispatch: a table of jobs, and threads that each sum over the tokens for a few
 * weights. Each number is summed by one thread in one order, so the same inputs give the same bits.
 */
import { type Axis, vectorsOf } from '../model';
import { LANES, type Shader, type Step, step } from '../plan';
import { common, extras, MAIN } from './common';
import { accessOf, BACKWARD } from './ends';

/** Words of a job, in order. Where a kind needs fewer, the rest is 0. */
const JOB = [
  'kind',
  'start',
  'out',
  'x',
  'kLength',
  'kVectors',
  'kTotal',
  'y',
  'nLength',
  'nVectors',
  'nTotal',
  'a',
  'b',
  'c',
  'd',
] as const;
type Job = Readonly<Record<Exclude<(typeof JOB)[number], 'start'>, number>> & { readonly threads: number };

/** vec4s of lines of a weight that a thread sums at once, so that a number that is read serves more than one product. */
const DEEP = 2;

const NONE = { x: 0, kLength: 0, kVectors: 1, kTotal: 0, a: 0, b: 0, c: 0, d: 0 };
const KINDS = { product: 0, sum: 1, norm: 2 };

const columns = (n: Axis) => ({ nLength: n.length, nVectors: n.vectors, nTotal: vectorsOf(n) });

/** dW [K, N] = x^T y over all tokens, x [M, K] and y [M, N] in the arena. */
export const productJob = (out: number, x: number, k: Axis, y: number, n: Axis): Job => ({
  ...NONE,
  kind: KINDS.product,
  out,
  x,
  kLength: k.length,
  kVectors: k.vectors,
  kTotal: vectorsOf(k),
  y,
  ...columns(n),
  threads: Math.ceil(vectorsOf(k) / DEEP) * vectorsOf(n),
});

/** The same for token embeddings that are also the head: line v gains the gradients of the stream where the token is v. */
export const embeddingJob = (out: number, x: number, vocab: Axis, y: number, width: Axis, gradStream: number): Job => ({
  ...productJob(out, x, vocab, y, width),
  a: 1,
  b: gradStream,
});

/** Line i of \`lines\` is the sum of rows i + j \`jump\` of y, j < \`terms\`; lines from \`live\` on are zero. */
export const sumJob = (out: number, y: number, n: Axis, at: { lines: number; live: number; terms: number; jump: number }): Job => ({
  ...NONE,
  kind: KINDS.sum,
  out,
  y,
  ...columns(n),
  a: at.live,
  b: at.terms,
  c: at.jump,
  d: at.lines,
  threads: at.lines * vectorsOf(n),
});

/** Gain and bias of a LayerNorm, from the gradient y of its output. */
export const normJob = (gain: number, bias: number, y: number, n: Axis, stream: number, stats: number): Job => ({
  ...NONE,
  kind: KINDS.norm,
  out: gain,
  y,
  ...columns(n),
  a: bias,
  b: stream,
  c: stats,
  threads: vectorsOf(n),
});

/** The table as the shader reads it, and the workgroups that it takes. */
export function jobTable(jobs: readonly Job[]): { words: Uint32Array; groups: number } {
  const words = new Uint32Array(jobs.length * JOB.length);
  let groups = 0;
  jobs.forEach((job, i) => {
    const start = groups;
    JOB.forEach((field, j) => {
      words[i * JOB.length + j] = field === 'start' ? start : job[field];
    });
    groups += Math.ceil(job.threads / LANES);
  });
  return { words, groups };
}

const FIELDS = ['tokens', 'jobs'] as const;

const fieldIndex = (field: (typeof JOB)[number]): string => `${JOB.indexOf(field)}u`;

const CODE = /* wgsl */ `${common(true)}${extras(BACKWARD)}
fn field(job: u32, i: u32) -> u32 { return jobs[job * ${JOB.length}u + i]; }

fn write(at: u32, left: u32, value: vec4f) {
  grad[at] = value.x;
  if (left > 1u) { grad[at + 1u] = value.y; }
  if (left > 2u) { grad[at + 2u] = value.z; }
  if (left > 3u) { grad[at + 3u] = value.w; }
}

struct Column { n: u32, total: u32, at: u32, left: u32, wide: u32 }
fn columnOf(job: u32, thread: u32) -> Column {
  let length = field(job, ${fieldIndex('nLength')});
  let vectors = field(job, ${fieldIndex('nVectors')});
  let total = field(job, ${fieldIndex('nTotal')});
  let n = thread % total;
  let inside = 4u * (n % vectors);
  return Column(n, total, n / vectors * length + inside, length - inside, total / vectors * length);
}

// Four lines of a weight, summed over the tokens, into the gradient; the embeddings' with what reached them as inputs.
fn finish(job: u32, column: Column, k: u32, sums: array<vec4f, 4>) {
  if (k >= field(job, ${fieldIndex('kTotal')})) { return; }
  let vectors = field(job, ${fieldIndex('kVectors')});
  let length = field(job, ${fieldIndex('kLength')});
  let inside = 4u * (k % vectors);
  let line = k / vectors * length + inside;
  var lines = sums;
  if (field(job, ${fieldIndex('a')}) == 1u) {
    var source = field(job, ${fieldIndex('b')}) + column.n;
    for (var m = 0u; m < u.tokens; m++) {
      let hit = u32(tokens[m]) - line;
      if (hit < 4u) { lines[hit] += arena[source]; }
      source += column.total;
    }
  }
  let at = field(job, ${fieldIndex('out')}) + line * column.wide + column.at;
  for (var i = 0u; i < min(4u, length - inside); i++) { write(at + i * column.wide, column.left, lines[i]); }
}

fn product(job: u32, thread: u32) {
  let column = columnOf(job, thread);
  let kTotal = field(job, ${fieldIndex('kTotal')});
  let k = ${DEEP}u * (thread / column.total);
  if (k >= kTotal) { return; }
  // The vec4 behind the last one repeats it; it is not kept.
  let next = min(1u, kTotal - 1u - k);
  var x = field(job, ${fieldIndex('x')}) + k;
  var y = field(job, ${fieldIndex('y')}) + column.n;
  var w0 = vec4f(); var w1 = vec4f(); var w2 = vec4f(); var w3 = vec4f();
  var w4 = vec4f(); var w5 = vec4f(); var w6 = vec4f(); var w7 = vec4f();
  for (var m = 0u; m < u.tokens; m++) {
    let a = arena[x];
    let c = arena[x + next];
    let b = arena[y];
    w0 += a.x * b; w1 += a.y * b; w2 += a.z * b; w3 += a.w * b;
    w4 += c.x * b; w5 += c.y * b; w6 += c.z * b; w7 += c.w * b;
    x += kTotal;
    y += column.total;
  }
  finish(job, column, k, array<vec4f, 4>(w0, w1, w2, w3));
  finish(job, column, k + 1u, array<vec4f, 4>(w4, w5, w6, w7));
}

fn total(job: u32, thread: u32) {
  let column = columnOf(job, thread);
  let line = thread / column.total;
  var sum = vec4f();
  if (line < field(job, ${fieldIndex('a')})) {
    var y = field(job, ${fieldIndex('y')}) + line * column.total + column.n;
    let terms = field(job, ${fieldIndex('b')});
    let jump = field(job, ${fieldIndex('c')}) * column.total;
    for (var j = 0u; j < terms; j++) { sum += arena[y]; y += jump; }
  }
  if (line < field(job, ${fieldIndex('d')})) { write(field(job, ${fieldIndex('out')}) + line * column.wide + column.at, column.left, sum); }
}

fn norm(job: u32, thread: u32) {
  let column = columnOf(job, thread);
  if (thread >= column.total) { return; }
  let y = field(job, ${fieldIndex('y')});
  let stream = field(job, ${fieldIndex('b')});
  let stats = field(job, ${fieldIndex('c')});
  var gain = vec4f();
  var bias = vec4f();
  for (var m = 0u; m < u.tokens; m++) {
    let up = arena[y + m * column.total + column.n];
    let stat = arena[stats + m];
    gain += up * (arena[stream + m * column.total + column.n] - stat.x) * stat.y;
    bias += up;
  }
  write(field(job, ${fieldIndex('out')}) + column.at, column.left, gain);
  write(field(job, ${fieldIndex('a')}) + column.at, column.left, bias);
}

${MAIN} {
  let here = groupOf(group);
  var job = 0u;
  while (job + 1u < u.jobs && here >= field(job + 1u, ${fieldIndex('start')})) { job++; }
  let thread = (here - field(job, ${fieldIndex('start')})) * ${LANES}u + lane;
  switch (field(job, ${fieldIndex('kind')})) {
    case ${KINDS.product}u: { product(job, thread); }
    case ${KINDS.sum}u: { total(job, thread); }
    default: { norm(job, thread); }
  }
}`;

const WEIGHTS: Shader<(typeof FIELDS)[number]> = { name: 'weights', fields: FIELDS, extras: accessOf(BACKWARD), code: CODE };

/** The dispatch that works through a table. */
export const weightsStep = (tokens: number, jobs: number, groups: number): Step => step(WEIGHTS, groups, { tokens, jobs });
