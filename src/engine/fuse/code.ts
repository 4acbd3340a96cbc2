/**
 * A graph as the WGSL of one workgroup. Elementwise work is not stored: it is computed where it is needed, in the loop
 * that sums it or writes it out. Only what many elements are reduced to is kept, in workgroup memory while there is room,
 * and a barrier lies between those that depend on one another. Every sum has a fixed order, so the same input gives the
 * same bits.
 */
import { type Buffers, gradientName, placeBuffers, TABLES } from './buffers';
import { broadcastIndex, type Node, NotFusable, partsOf, type Reduction, sizeOf, summandIndex, type Wgsl } from './graph';
import { levels, type Memory, type Place, placeNodes } from './memory';
import type { Traced } from './trace';

/** A shader's source after its bindings, and what they are. */
export interface LossCode {
  readonly buffers: Buffers;
  /** Names of the gradients that it writes, into `gradientName(name)`. */
  readonly gradients: readonly string[];
  readonly code: string;
}

/** Longer shaders take longer to compile than they save. */
const LONGEST = 400_000;

/** What a reduction begins with, and how it goes on. */
const REDUCE: Record<Reduction, { readonly first: Wgsl; readonly next: (sum: Wgsl, term: Wgsl) => Wgsl }> = {
  sum: { first: '0f', next: (sum, term) => `${sum} += ${term};` },
  prod: { first: '1f', next: (sum, term) => `${sum} *= ${term};` },
  max: { first: '-3.4028234663852886e38f', next: (sum, term) => `${sum} = max(${sum}, ${term});` },
  min: { first: '3.4028234663852886e38f', next: (sum, term) => `${sum} = min(${sum}, ${term});` },
};

/** A place in the shader: its lines, and the variables that hold what was computed there already. */
interface Scope {
  readonly lines: string[];
  readonly variables: Map<string, string>;
  readonly values: Map<Node, Map<Wgsl, Wgsl>>;
  /** The name of a finished reduction of everything. */
  total(slot: number): Wgsl;
}

/** Everything that a shader is written from. */
interface Shader {
  readonly memory: Memory;
  readonly buffers: Buffers;
  readonly level: (node: Node) => number;
  readonly scalars: readonly Node[];
  readonly outputs: readonly { readonly name: string; readonly node: Node }[];
}

/**
 * @param counts names of the uniforms, in order
 * @throws NotFusable where it needs more memory or more buffers than a shader has, or would be too long
 */
export function lossCode({ scalars, gradients }: Traced, counts: readonly string[]): LossCode {
  const outputs = Object.entries(gradients).flatMap(([name, node]) => (node === null ? [] : [{ name, node }]));
  const reached = reachable([...scalars, ...outputs.map(({ node }) => node)]);
  const memory = placeNodes(reached);
  const buffers = placeBuffers(
    reached,
    outputs.map(({ name }) => name),
    memory.size.scratch,
  );
  const level = levels(reached);
  const shader: Shader = { memory, buffers, level, scalars, outputs };
  const finished = new Set<number>();
  const phases = Array.from({ length: Math.max(...reached.map(level)) + 1 }, (_, at) => {
    const lines: string[] = [];
    writeLoops(lines, at, shader, finished);
    writeScalars(lines, at, shader);
    return lines.join('\n');
  });
  const { lanes, totals, size } = memory;
  const used = new Set([...totals.keys()].map(reductionOf));
  const code = `
struct Uniforms { ${['notMeasured', ...counts].map((name) => `${name}: f32`).join(', ')} }
${totals.size > 0 ? `var<workgroup> partials: array<f32, ${totals.size * lanes}>;` : ''}
${size.sums > 0 ? `var<workgroup> sums: array<f32, ${size.sums}>;` : ''}
${[...used].map((by) => totalFunction(by, lanes)).join('')}
${HELPERS}
@compute @workgroup_size(${lanes})
fn main(@builtin(local_invocation_index) lane: u32) {
  // So that it is part of the shader's interface even where nothing reads it.
  _ = uniforms.notMeasured;
${phases.join(size.scratch > 0 ? '\n  workgroupBarrier();\n  storageBarrier();\n' : '\n  workgroupBarrier();\n')}
}`;
  if (code.length > LONGEST) throw new NotFusable('too long a shader');
  return { buffers, gradients: outputs.map(({ name }) => name), code };
}

const totalName = (by: Reduction): string => (by === 'sum' ? 'total' : `total_${by}`);

const totalFunction = (by: Reduction, lanes: number): string => `
fn ${totalName(by)}(slot: u32) -> f32 {
  var sum = ${REDUCE[by].first};
  for (var i = slot * ${lanes}u; i < (slot + 1u) * ${lanes}u; i++) { ${REDUCE[by].next('sum', 'partials[i]')} }
  return sum;
}`;

/** Functions that WGSL lacks, or whose plain spelling loses digits near 0. */
const HELPERS = `
fn expMinusOne(x: f32) -> f32 {
  let near = x * (1f + x * (1f / 2f) * (1f + x * (1f / 3f) * (1f + x * (1f / 4f) * (1f + x * (1f / 5f) * (1f + x * (1f / 6f))))));
  return select(exp(x) - 1f, near, abs(x) < 0.3f);
}
fn logOnePlus(x: f32) -> f32 {
  let near = x * (1f - x * (1f / 2f) * (1f - x * (2f / 3f) * (1f - x * (3f / 4f) * (1f - x * (4f / 5f)))));
  return select(log(1f + x), near, abs(x) < 0.03f);
}
// Of a negative base only to whole powers.
fn power(x: f32, y: f32) -> f32 {
  if (y == 0f) { return 1f; }
  let size = pow(abs(x), y);
  return select(size, -size, x < 0f && abs(y) % 2f == 1f);
}
fn sigmoid(x: f32) -> f32 {
  let e = exp(-abs(x));
  return select(e, 1f, x >= 0f) / (1f + e);
}`;

/** Everything that the roots depend on, the roots included. */
function reachable(roots: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  const visit = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    partsOf(node).forEach(visit);
  };
  roots.forEach(visit);
  return [...seen];
}

/** One statement of a loop over all elements of some size. */
interface Line {
  readonly size: number;
  /** The total that it adds to, declared before the loop and written behind it. */
  readonly total: { readonly slot: number; readonly by: Reduction } | null;
  write(scope: Scope): string;
}

/**
 * The loops of a phase: reductions and running sums whose terms can be computed now, elements that are kept, and gradients.
 * @param finished totals that earlier phases have in a variable
 */
function writeLoops(lines: string[], at: number, shader: Shader, finished: Set<number>): void {
  const { memory, level, outputs } = shader;
  // Totals that a loop needs are reduced once, before it.
  const total = (slot: number): Wgsl => {
    if (!finished.has(slot)) lines.push(`  let total${slot} = ${totalCall(memory, slot)};`);
    finished.add(slot);
    return `total${slot}`;
  };
  const value = (scope: Scope, node: Node): Wgsl => valueAt(scope, shader, node, 'i');
  const elementwise: Line[] = [];
  for (const [node, slot] of memory.totals) {
    const [of, by] = [termsOf(node), reductionOf(node)];
    if (level(node) - 1 === at) {
      elementwise.push({ size: sizeOf(of.shape), total: { slot, by }, write: (scope) => REDUCE[by].next(`s${slot}`, value(scope, of)) });
    }
  }
  const others: string[] = [];
  for (const [node, place] of memory.kept) {
    if (level(node) - 1 !== at) continue;
    const { form } = node;
    if (form.kind === 'reduce') others.push(...partialLoop(node, place, shader, total));
    else if (form.kind === 'scan') others.push(...scanLoop(form, place, shader, total));
    else {
      const write = (scope: Scope) => `${place.array}[${place.start}u + i] = ${computed(scope, shader, node, 'i')};`;
      elementwise.push({ size: sizeOf(node.shape), total: null, write });
    }
  }
  for (const { name, node } of outputs) {
    if (level(node) !== at) continue;
    elementwise.push({ size: sizeOf(node.shape), total: null, write: (scope) => `${gradientName(name)}[i] = ${value(scope, node)};` });
  }
  const loops = [...new Set(elementwise.map(({ size }) => size))].flatMap((size) =>
    elementLoop(
      elementwise.filter((line) => line.size === size),
      memory.lanes,
      total,
    ),
  );
  lines.push(...loops, ...others);
}

/** A thread takes every `lanes`-th element. */
function elementLoop(body: readonly Line[], lanes: number, total: Scope['total']): string[] {
  const scope = scopeOf(total);
  const statements = body.map((line) => line.write(scope));
  const totals = body.flatMap((line) => (line.total === null ? [] : [line.total]));
  return [
    ...totals.map(({ slot, by }) => `  var s${slot} = ${REDUCE[by].first};`),
    `  for (var i = lane; i < ${body[0]?.size}u; i += ${lanes}u) {`,
    ...[...scope.lines, ...statements].map((line) => `    ${line}`),
    '  }',
    ...totals.map(({ slot }) => `  partials[${slot * lanes}u + lane] = s${slot};`),
  ];
}

/** A reduction along some axes: a thread per element of the result. */
function partialLoop(node: Node, { array, start }: Place, shader: Shader, total: Scope['total']): string[] {
  const terms = termsOf(node);
  const { first, next } = REDUCE[reductionOf(node)];
  const scope = scopeOf(total);
  const { axes } = node.form as Extract<Node['form'], { kind: 'reduce' }>;
  const value = valueAt(scope, shader, terms, variable(scope, summandIndex(terms.shape, axes, 'i', 'j')));
  return [
    `  for (var i = lane; i < ${sizeOf(node.shape)}u; i += ${shader.memory.lanes}u) {`,
    `    var sum = ${first};`,
    `    for (var j = 0u; j < ${sizeOf(terms.shape) / sizeOf(node.shape)}u; j++) {`,
    ...scope.lines.map((line) => `      ${line}`),
    `      ${next('sum', value)}`,
    '    }',
    `    ${array}[${start}u + i] = sum;`,
    '  }',
  ];
}

/** Running sums along an axis: a thread per line. */
function scanLoop(
  { of, axis, exclusive, reverse }: Extract<Node['form'], { kind: 'scan' }>,
  { array, start }: Place,
  shader: Shader,
  total: Scope['total'],
): string[] {
  const length = of.shape[axis] as number;
  const inner = sizeOf(of.shape.slice(axis + 1));
  const scope = scopeOf(total);
  const value = valueAt(scope, shader, of, 'at');
  const [write, add] = [`${array}[${start}u + at] = sum;`, `sum += ${value};`];
  return [
    `  for (var i = lane; i < ${sizeOf(of.shape) / length}u; i += ${shader.memory.lanes}u) {`,
    '    var sum = 0f;',
    `    for (var j = 0u; j < ${length}u; j++) {`,
    `      let at = (i / ${inner}u * ${length}u + ${reverse ? `(${length - 1}u - j)` : 'j'}) * ${inner}u + i % ${inner}u;`,
    ...scope.lines.map((line) => `      ${line}`),
    ...(exclusive ? [write, add] : [add, write]).map((line) => `      ${line}`),
    '    }',
    '  }',
  ];
}

/** The scalars of a phase, a thread each. */
function writeScalars(lines: string[], at: number, shader: Shader): void {
  const { memory, level, scalars } = shader;
  scalars.forEach((node, i) => {
    if (level(node) !== at) return;
    const scope = scopeOf((slot) => totalCall(memory, slot));
    const value = valueAt(scope, shader, node, '0u');
    lines.push(
      `  if (lane == ${i % memory.lanes}u) {`,
      ...scope.lines.map((line) => `    ${line}`),
      `    scalars[${i}] = ${value};`,
      '  }',
    );
  });
}

/** What is reduced. */
function termsOf({ form }: Node): Node {
  if (form.kind !== 'reduce') throw new Error('not a reduction');
  return form.of;
}

function reductionOf({ form }: Node): Reduction {
  if (form.kind !== 'reduce') throw new Error('not a reduction');
  return form.by;
}

/** The call that finishes a total. */
function totalCall({ totals }: Memory, slot: number): Wgsl {
  const node = [...totals.keys()][slot] as Node;
  return `${totalName(reductionOf(node))}(${slot}u)`;
}

const scopeOf = (total: Scope['total']): Scope => ({ lines: [], variables: new Map(), values: new Map(), total });

/** A variable that holds an expression; one for equal expressions. */
function variable(scope: Scope, expression: Wgsl): Wgsl {
  const found = scope.variables.get(expression);
  if (found !== undefined) return found;
  const name = `v${scope.variables.size}`;
  scope.variables.set(expression, name);
  scope.lines.push(`let ${name} = ${expression};`);
  return name;
}

/** Element `index` of a node. */
function valueAt(scope: Scope, shader: Shader, node: Node, index: Wgsl): Wgsl {
  const known = scope.values.get(node) ?? new Map<Wgsl, Wgsl>();
  scope.values.set(node, known);
  const found = known.get(index);
  if (found !== undefined) return found;
  const value = stored(scope, shader, node, index) ?? computed(scope, shader, node, index);
  known.set(index, value);
  return value;
}

/** The same where it lies in memory. */
function stored(scope: Scope, { memory }: Shader, node: Node, index: Wgsl): Wgsl | null {
  const slot = memory.totals.get(node);
  if (slot !== undefined) return variable(scope, scope.total(slot));
  const place = memory.kept.get(node);
  return place === undefined ? null : variable(scope, `${place.array}[${place.start}u + ${index}]`);
}

/** The same as what it is made of. */
function computed(scope: Scope, shader: Shader, node: Node, index: Wgsl): Wgsl {
  const { form } = node;
  switch (form.kind) {
    case 'input':
      return variable(scope, shader.buffers.read(form.name, index));
    case 'count':
      return variable(scope, `uniforms.${form.name}`);
    case 'constant':
      // A variable, because WGSL refuses constant expressions that overflow.
      return variable(scope, literal(form.value));
    case 'table':
      return variable(scope, `${TABLES}[${shader.buffers.tables.get(node)}u + ${index}]`);
    case 'place':
      return variable(scope, form.write(index));
    case 'map': {
      const at = (arg: Node): Wgsl => {
        const place = broadcastIndex(arg.shape, node.shape, index);
        return valueAt(scope, shader, arg, place === index ? index : variable(scope, place));
      };
      return variable(scope, form.write(...form.args.map(at)));
    }
    case 'pick': {
      const place = form.at(index);
      return valueAt(scope, shader, form.from, place === index ? index : variable(scope, place));
    }
    case 'join':
      return joined(scope, shader, node.shape, form, index);
    case 'reduce':
    case 'scan':
      throw new Error('what is stored is read, not computed');
    default:
      return form satisfies never;
  }
}

/** Element `index` of a concatenation. All parts are read, at places that exist, and one is taken. */
function joined(
  scope: Scope,
  shader: Shader,
  shape: readonly number[],
  { parts, axis }: Extract<Node['form'], { kind: 'join' }>,
  index: Wgsl,
): Wgsl {
  const inner = sizeOf(shape.slice(axis + 1));
  const along = variable(scope, `(${index} / ${inner}u) % ${shape[axis]}u`);
  const outer = variable(scope, `${index} / ${inner * (shape[axis] as number)}u`);
  let start = 0;
  let value: Wgsl = literal(0);
  for (const part of parts) {
    const length = part.shape[axis] as number;
    const place = variable(scope, `clamp(${along}, ${start}u, ${start + length - 1}u) - ${start}u`);
    const mine = valueAt(scope, shader, part, variable(scope, `(${outer} * ${length}u + ${place}) * ${inner}u + ${index} % ${inner}u`));
    value = variable(scope, `select(${value}, ${mine}, ${along} >= ${start}u)`);
    start += length;
  }
  return value;
}

/** @throws NotFusable for what f32 cannot hold. */
function literal(value: number): Wgsl {
  // A diagnostic that was not measured. WGSL has no such literal, and a shader must not compute with one.
  if (Number.isNaN(value)) return 'uniforms.notMeasured';
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) throw new NotFusable('an infinite constant');
  return rounded < 0 ? `-${-rounded}f` : `${rounded}f`;
}
