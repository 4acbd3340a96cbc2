/**
 * Every gradient of a weight in one dispatch: a table of jobs, and threads that each sum over some of the tokens for a few
 * weights. Each number is summed in one order, so the same inputs give the same bits.
 */
import { type Axis, vectorsOf } from '../model';
import { LANES, type Shader, type Step, step } from '../plan';
import { common, extras, MAIN } from './common';
import { accessOf, BACKWARD } from './ends';
import type { Scheme } from './scheme';

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
/** Lines of a weight that a thread sums. */
const LINES = 4 * DEEP;
/**
 * Parts into which the tokens are cut. In workgroup memory each has a lane of its own: a graphics card would otherwise wait
 * for one long chain of loads after another. Alone, a thread sums the same parts in the same order, to the same bits.
 */
const PARTS = 4;
/** Threads' worth of results in a workgroup whose lanes work together. */
const SLOTS = LANES / PARTS;

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
export function jobTable(scheme: Scheme, jobs: readonly Job[]): { words: Uint32Array; groups: number } {
  const words = new Uint32Array(jobs.length * JOB.length);
  let groups = 0;
  jobs.forEach((job, i) => {
    const start = groups;
    JOB.forEach((field, j) => {
      words[i * JOB.length + j] = field === 'start' ? start : job[field];
    });
    groups += Math.ceil(job.threads / (scheme === 'registers' ? LANES : SLOTS));
  });
  return { words, groups };
}

const FIELDS = ['tokens', 'jobs'] as const;

const fieldIndex = (field: (typeof JOB)[number]): string => `${JOB.indexOf(field)}u`;
const get = (field: (typeof JOB)[number]): string => `field(job, ${fieldIndex(field)})`;

/** A line of code for each line of a weight. */
const eachLine = (line: (i: number) => string): string => Array.from({ length: LINES }, (_, i) => line(i)).join(' ');

const HELPERS = /* wgsl */ `
fn field(job: u32, i: u32) -> u32 { return jobs[job * ${JOB.length}u + i]; }

fn write(at: u32, left: u32, value: vec4f) {
  grad[at] = value.x;
  if (left > 1u) { grad[at + 1u] = value.y; }
  if (left > 2u) { grad[at + 2u] = value.z; }
  if (left > 3u) { grad[at + 3u] = value.w; }
}

struct Column { n: u32, total: u32, at: u32, left: u32, wide: u32 }
fn columnOf(job: u32, thread: u32) -> Column {
  let length = ${get('nLength')};
  let vectors = ${get('nVectors')};
  let total = ${get('nTotal')};
  let n = thread % total;
  let inside = 4u * (n % vectors);
  return Column(n, total, n / vectors * length + inside, length - inside, total / vectors * length);
}

// Which of some terms are those of a part.
fn range(part: u32, count: u32) -> vec2u {
  let each = (count + ${PARTS - 1}u) / ${PARTS}u;
  return vec2u(min(part * each, count), min((part + 1u) * each, count));
}

// Line i of those of a thread, where there is one.
fn writeLine(job: u32, thread: u32, column: Column, i: u32, sum: vec4f) {
  let k = ${DEEP}u * (thread / column.total) + i / 4u;
  let length = ${get('kLength')};
  let vectors = ${get('kVectors')};
  let inside = 4u * (k % vectors) + i % 4u;
  if (k >= ${get('kTotal')} || inside >= length) { return; }
  let line = k / vectors * length + inside;
  write(${get('out')} + line * column.wide + column.at, column.left, sum);
}

fn totalOf(job: u32, column: Column, line: u32, part: u32) -> vec4f {
  var sum = vec4f();
  if (line < ${get('a')}) {
    let span = range(part, ${get('b')});
    let jump = ${get('c')} * column.total;
    var y = ${get('y')} + line * column.total + column.n + span.x * jump;
    for (var j = span.x; j < span.y; j++) { sum += arena[y]; y += jump; }
  }
  return sum;
}

struct Norm { gain: vec4f, bias: vec4f }
fn normOf(job: u32, column: Column, part: u32) -> Norm {
  let span = range(part, u.tokens);
  let y = ${get('y')};
  let stream = ${get('b')};
  let stats = ${get('c')};
  var sums = Norm(vec4f(), vec4f());
  for (var m = span.x; m < span.y; m++) {
    let up = arena[y + m * column.total + column.n];
    let stat = arena[stats + m];
    sums.gain += up * (arena[stream + m * column.total + column.n] - stat.x) * stat.y;
    sums.bias += up;
  }
  return sums;
}`;

/** Declares w0, w1, ...: the lines' sums over the tokens of a part; the embeddings' with what reached them as inputs. */
const LINE_SUMS = /* wgsl */ `
    let span = range(part, u.tokens);
    var x = ${get('x')} + span.x * kTotal + k;
    var y = ${get('y')} + span.x * column.total + column.n;
    ${eachLine((i) => `var w${i} = vec4f();`)}
    for (var m = span.x; m < span.y; m++) {
      let b = arena[y];
      ${Array.from({ length: DEEP }, (_, d) => `let a${d} = arena[x + ${d === 0 ? '0u' : `min(${d}u, last)`}];`).join(' ')}
      ${eachLine((i) => `w${i} += a${i >> 2}.${'xyzw'[i & 3]} * b;`)}
      x += kTotal;
      y += column.total;
    }
    if (${get('a')} == 1u) {
      var lines = array<vec4f, ${LINES}>(${Array.from({ length: LINES }, (_, i) => `w${i}`).join()});
      var source = ${get('b')} + span.x * column.total + column.n;
      for (var m = span.x; m < span.y; m++) {
        let hit = u32(tokens[m]) - 4u * k;
        if (hit < ${LINES}u) { lines[hit] += arena[source]; }
        source += column.total;
      }
      ${eachLine((i) => `w${i} = lines[${i}];`)}
    }`;

/** Which lines a thread sums. vec4s of lines behind the last one repeat it and are not written. */
const LINES_OF = /* wgsl */ `
  let column = columnOf(job, thread);
  let kTotal = ${get('kTotal')};
  let k = ${DEEP}u * (thread / column.total);
  if (k >= kTotal) { return; }
  let last = kTotal - 1u - k;`;

/** A thread sums part after part. */
const ALONE = /* wgsl */ `
fn product(job: u32, thread: u32) {${LINES_OF}
  ${eachLine((i) => `var t${i} = vec4f();`)}
  for (var part = 0u; part < ${PARTS}u; part++) {${LINE_SUMS}
    ${eachLine((i) => `t${i} += w${i};`)}
  }
  ${eachLine((i) => `writeLine(job, thread, column, ${i}u, t${i});`)}
}

fn total(job: u32, thread: u32) {
  let column = columnOf(job, thread);
  let line = thread / column.total;
  if (line >= ${get('d')}) { return; }
  var sum = vec4f();
  for (var part = 0u; part < ${PARTS}u; part++) { sum += totalOf(job, column, line, part); }
  write(${get('out')} + line * column.wide + column.at, column.left, sum);
}

fn norm(job: u32, thread: u32) {
  let column = columnOf(job, thread);
  if (thread >= column.total) { return; }
  var gain = vec4f();
  var bias = vec4f();
  for (var part = 0u; part < ${PARTS}u; part++) {
    let sums = normOf(job, column, part);
    gain += sums.gain;
    bias += sums.bias;
  }
  write(${get('out')} + column.at, column.left, gain);
  write(${get('a')} + column.at, column.left, bias);
}

fn work(job: u32, kind: u32, first: u32, lane: u32) {
  let thread = first * ${LANES}u + lane;
  switch (kind) {
    case ${KINDS.product}u: { product(job, thread); }
    case ${KINDS.sum}u: { total(job, thread); }
    default: { norm(job, thread); }
  }
}`;

/** Every part has a lane of its own; their sums meet in workgroup memory and every lane writes some. */
const TOGETHER = /* wgsl */ `
var<workgroup> partial: array<vec4f, ${LINES * LANES}>;
fn keep(lane: u32, i: u32, sum: vec4f) { partial[i * ${LANES}u + lane] = sum; }
fn gathered(lane: u32, i: u32) -> vec4f {
  var sum = vec4f();
  for (var part = 0u; part < ${PARTS}u; part++) { sum += partial[i * ${LANES}u + part * ${SLOTS}u + lane % ${SLOTS}u]; }
  return sum;
}

fn product(job: u32, thread: u32, lane: u32, part: u32) {${LINES_OF}${LINE_SUMS}
    ${eachLine((i) => `keep(lane, ${i}u, w${i});`)}
}

fn finishProduct(job: u32, thread: u32, lane: u32, part: u32) {
  let column = columnOf(job, thread);
  for (var i = part * ${LINES / PARTS}u; i < (part + 1u) * ${LINES / PARTS}u; i++) {
    writeLine(job, thread, column, i, gathered(lane, i));
  }
}

fn total(job: u32, thread: u32, lane: u32, part: u32) {
  let column = columnOf(job, thread);
  keep(lane, 0u, totalOf(job, column, thread / column.total, part));
}

fn finishTotal(job: u32, thread: u32, lane: u32, part: u32) {
  let column = columnOf(job, thread);
  let line = thread / column.total;
  if (part > 0u || line >= ${get('d')}) { return; }
  write(${get('out')} + line * column.wide + column.at, column.left, gathered(lane, 0u));
}

fn norm(job: u32, thread: u32, lane: u32, part: u32) {
  let column = columnOf(job, thread);
  if (thread >= column.total) { return; }
  let sums = normOf(job, column, part);
  keep(lane, 0u, sums.gain);
  keep(lane, 1u, sums.bias);
}

fn finishNorm(job: u32, thread: u32, lane: u32, part: u32) {
  let column = columnOf(job, thread);
  if (part > 1u || thread >= column.total) { return; }
  let out = select(${get('a')}, ${get('out')}, part == 0u);
  write(out + column.at, column.left, gathered(lane, part));
}

fn work(job: u32, kind: u32, first: u32, lane: u32) {
  let thread = first * ${SLOTS}u + lane % ${SLOTS}u;
  let part = lane / ${SLOTS}u;
  switch (kind) {
    case ${KINDS.product}u: { product(job, thread, lane, part); }
    case ${KINDS.sum}u: { total(job, thread, lane, part); }
    default: { norm(job, thread, lane, part); }
  }
  workgroupBarrier();
  switch (kind) {
    case ${KINDS.product}u: { finishProduct(job, thread, lane, part); }
    case ${KINDS.sum}u: { finishTotal(job, thread, lane, part); }
    default: { finishNorm(job, thread, lane, part); }
  }
}`;

const weights = (scheme: Scheme): Shader<(typeof FIELDS)[number]> => ({
  name: `weights-${scheme}`,
  fields: FIELDS,
  extras: accessOf(BACKWARD),
  code: /* wgsl */ `${common()}${extras(BACKWARD)}${HELPERS}${scheme === 'registers' ? ALONE : TOGETHER}
${MAIN} {
  let here = groupOf(group);
  var job = 0u;
  while (job + 1u < u.jobs && here >= field(job + 1u, ${fieldIndex('start')})) { job++; }
  work(job, ${get('kind')}, here - ${get('start')}, lane);
}`,
});

/** The dispatch that works through a table. */
export const weightsStep = (scheme: Scheme, tokens: number, jobs: number, groups: number): Step =>
  step(weights(scheme), groups, { tokens, jobs });
