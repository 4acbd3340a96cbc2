/**
 * A graph as the WGSL of one workgroup. Elementwise work is never stored: it is computed where it is needed, in the loop
 * that sums it or writes it out. Only sums are kept, in workgroup memory, and a barrier lies between those that depend on
 * one another. Every sum has a fixed order, so the same input gives the same bits.
 */
import { broadcastIndex, type Node, NotFusable, sizeOf, summandIndex, type Wgsl } from './graph';
import type { Traced } from './trace';

/** Threads of the workgroup; more where there is much to do. */
const FEW = 64;
const MANY = 256;
/** Elements from which on the second number is taken. */
const MUCH = 4096;
/** Workgroup memory that WebGPU guarantees. */
const MEMORY_BYTES = 16_384;

/** A shader's source after its bindings, and what they are. */
export interface LossCode {
  /** Names of the inputs that it reads, as `inputName(name)`. */
  readonly inputs: readonly string[];
  /** Names of the gradients that it writes, into `gradientName(name)`. */
  readonly gradients: readonly string[];
  readonly code: string;
}

export const inputName = (name: string): string => `in_${name}`;
export const gradientName = (name: string): string => `grad_${name}`;

/** A place in the shader: its lines, and the variables that hold what was computed there already. */
interface Scope {
  readonly lines: string[];
  readonly variables: Map<string, string>;
  readonly values: Map<Node, Map<Wgsl, Wgsl>>;
  /** The name of a finished sum of everything. */
  total(slot: number): Wgsl;
}

/** Where the sums lie. */
interface Sums {
  /** Sums of everything, by their slot in `partials`. */
  readonly total: ReadonlyMap<Node, number>;
  /** The others, by their first element in `sums`. */
  readonly partial: ReadonlyMap<Node, number>;
  readonly partialSize: number;
}

/**
 * @param counts names of the uniforms, in order
 * @throws NotFusable where the sums do not fit into workgroup memory
 */
export function lossCode({ scalars, gradients }: Traced, counts: readonly string[]): LossCode {
  const outputs = Object.entries(gradients).flatMap(([name, node]) => (node === null ? [] : [{ name, node }]));
  const reached = reachable([...scalars, ...outputs.map(({ node }) => node)]);
  const sums = placeSums(reached);
  const elements = Math.max(...reached.map(({ shape }) => sizeOf(shape)));
  const bytes = (lanes: number): number => 4 * (sums.total.size * lanes + sums.partialSize);
  const lanes = elements > MUCH && bytes(MANY) <= MEMORY_BYTES ? MANY : FEW;
  if (bytes(lanes) > MEMORY_BYTES) throw new NotFusable('more sums than workgroup memory holds');

  const levels = Math.max(...reached.map(({ level }) => level));
  const finished = new Set<number>();
  const phases = Array.from({ length: levels + 1 }, (_, level) => {
    const lines: string[] = [];
    writeLoops(lines, level, sums, outputs, lanes, finished);
    writeScalars(lines, level, sums, scalars, lanes);
    return lines.join('\n');
  });
  const inputs = reached.flatMap(({ form }) => (form.kind === 'input' ? [form.name] : []));
  return {
    inputs: [...new Set(inputs)],
    gradients: outputs.map(({ name }) => name),
    code: `
struct Uniforms { ${['notMeasured', ...counts].map((name) => `${name}: f32`).join(', ')} }
${sums.total.size > 0 ? `var<workgroup> partials: array<f32, ${sums.total.size * lanes}>;` : ''}
${sums.partialSize > 0 ? `var<workgroup> sums: array<f32, ${sums.partialSize}>;` : ''}
${sums.total.size > 0 ? totalFunction(lanes) : ''}
${HELPERS}
@compute @workgroup_size(${lanes})
fn main(@builtin(local_invocation_index) lane: u32) {
  // So that it is part of the shader's interface even where nothing reads it.
  _ = uniforms.notMeasured;
${phases.join('\n  workgroupBarrier();\n')}
}`,
  };
}

const totalFunction = (lanes: number): string => `
fn total(slot: u32) -> f32 {
  var sum = 0f;
  for (var i = slot * ${lanes}u; i < (slot + 1u) * ${lanes}u; i++) { sum += partials[i]; }
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
    const { form } = node;
    if (form.kind === 'map') form.args.forEach(visit);
    else if (form.kind === 'join') form.parts.forEach(visit);
    else if (form.kind === 'pick') visit(form.from);
    else if (form.kind === 'sum') visit(form.of);
  };
  roots.forEach(visit);
  return [...seen];
}

function placeSums(nodes: readonly Node[]): Sums {
  const total = new Map<Node, number>();
  const partial = new Map<Node, number>();
  let partialSize = 0;
  for (const node of nodes) {
    if (node.form.kind !== 'sum') continue;
    const size = sizeOf(node.shape);
    if (size === 1) total.set(node, total.size);
    else {
      partial.set(node, partialSize);
      partialSize += size;
    }
  }
  return { total, partial, partialSize };
}

/**
 * The loops of a phase: sums whose terms can be computed now, and gradients.
 * @param finished totals that earlier phases have in a variable
 */
function writeLoops(
  lines: string[],
  level: number,
  sums: Sums,
  outputs: readonly { name: string; node: Node }[],
  lanes: number,
  finished: Set<number>,
): void {
  // Totals that a loop needs are summed up once, before it.
  const total = (slot: number): Wgsl => {
    if (!finished.has(slot)) lines.push(`  let total${slot} = total(${slot}u);`);
    finished.add(slot);
    return `total${slot}`;
  };
  const loops: string[] = [];
  const now = [...sums.total].filter(([node]) => termsOf(node).level === level);
  const written = outputs.filter(({ node }) => node.level === level);
  for (const size of new Set([...now.map(([node]) => sizeOf(termsOf(node).shape)), ...written.map(({ node }) => sizeOf(node.shape))])) {
    const mine = now.filter(([node]) => sizeOf(termsOf(node).shape) === size);
    const scope = scopeOf(total);
    const body = [
      ...mine.map(([node, slot]) => `s${slot} += ${valueAt(scope, sums, termsOf(node), 'i')};`),
      ...written
        .filter(({ node }) => sizeOf(node.shape) === size)
        .map(({ name, node }) => `${gradientName(name)}[i] = ${valueAt(scope, sums, node, 'i')};`),
    ];
    loops.push(
      ...mine.map(([, slot]) => `  var s${slot} = 0f;`),
      `  for (var i = lane; i < ${size}u; i += ${lanes}u) {`,
      ...[...scope.lines, ...body].map((line) => `    ${line}`),
      '  }',
      ...mine.map(([, slot]) => `  partials[${slot * lanes}u + lane] = s${slot};`),
    );
  }
  for (const [node, start] of sums.partial) if (termsOf(node).level === level) loops.push(...partialSum(node, start, sums, total, lanes));
  lines.push(...loops);
}

/** A sum along some axes: a thread per element of the result. */
function partialSum(node: Node, start: number, sums: Sums, total: Scope['total'], lanes: number): string[] {
  const terms = termsOf(node);
  const scope = scopeOf(total);
  const { axes } = node.form as Extract<Node['form'], { kind: 'sum' }>;
  const value = valueAt(scope, sums, terms, variable(scope, summandIndex(terms.shape, axes, 'i', 'j')));
  return [
    `  for (var i = lane; i < ${sizeOf(node.shape)}u; i += ${lanes}u) {`,
    '    var sum = 0f;',
    `    for (var j = 0u; j < ${sizeOf(terms.shape) / sizeOf(node.shape)}u; j++) {`,
    ...scope.lines.map((line) => `      ${line}`),
    `      sum += ${value};`,
    '    }',
    `    sums[${start}u + i] = sum;`,
    '  }',
  ];
}

/** The scalars of a phase, a thread each. */
function writeScalars(lines: string[], level: number, sums: Sums, scalars: readonly Node[], lanes: number): void {
  scalars.forEach((node, i) => {
    if (node.level !== level) return;
    const scope = scopeOf((slot) => `total(${slot}u)`);
    const value = valueAt(scope, sums, node, '0u');
    lines.push(`  if (lane == ${i % lanes}u) {`, ...scope.lines.map((line) => `    ${line}`), `    scalars[${i}] = ${value};`, '  }');
  });
}

function termsOf(node: Node): Node {
  if (node.form.kind !== 'sum') throw new Error('not a sum');
  return node.form.of;
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
function valueAt(scope: Scope, sums: Sums, node: Node, index: Wgsl): Wgsl {
  const known = scope.values.get(node) ?? new Map<Wgsl, Wgsl>();
  scope.values.set(node, known);
  const found = known.get(index);
  if (found !== undefined) return found;
  const value = write(scope, sums, node, index);
  known.set(index, value);
  return value;
}

function write(scope: Scope, sums: Sums, node: Node, index: Wgsl): Wgsl {
  const { form } = node;
  switch (form.kind) {
    case 'input':
      return variable(scope, `${inputName(form.name)}[${index}]`);
    case 'count':
      return variable(scope, `uniforms.${form.name}`);
    case 'constant':
      // A variable, because WGSL refuses constant expressions that overflow.
      return variable(scope, literal(form.value));
    case 'map': {
      const at = (arg: Node): Wgsl => {
        const place = broadcastIndex(arg.shape, node.shape, index);
        return valueAt(scope, sums, arg, place === index ? index : variable(scope, place));
      };
      return variable(scope, form.write(...form.args.map(at)));
    }
    case 'pick': {
      const place = form.at(index);
      return valueAt(scope, sums, form.from, place === index ? index : variable(scope, place));
    }
    case 'join':
      return joined(scope, sums, node.shape, form, index);
    case 'sum': {
      const slot = sums.total.get(node);
      return slot === undefined ? variable(scope, `sums[${sums.partial.get(node)}u + ${index}]`) : variable(scope, scope.total(slot));
    }
    default:
      return form satisfies never;
  }
}

/** Element `index` of a concatenation. All parts are read, at places that exist, and one is taken. */
function joined(
  scope: Scope,
  sums: Sums,
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
    const mine = valueAt(scope, sums, part, variable(scope, `(${outer} * ${length}u + ${place}) * ${inner}u + ${index} % ${inner}u`));
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
