/** The buffers of a loss's shader. Where there are more inputs than it may bind, some are packed into one beforehand. */
import { type Node, NotFusable, sizeOf } from './graph';

/** Storage buffers of a shader that WebGPU guarantees. */
const BUFFERS = 8;
/** Constants that a loss may bring along. */
const MOST_CONSTANTS = 65_536;

export const gradientName = (name: string): string => `grad_${name}`;
export const inputName = (name: string): string => `in_${name}`;

/** Names of the loss's numbers, of its constants, and of what it keeps beyond workgroup memory. */
export const SCALARS = 'scalars';
export const TABLES = 'tables';
export const SCRATCH = 'scratch';

/** An input of the loss. */
interface Input {
  readonly name: string;
  /** Elements */
  readonly size: number;
}

/** Inputs one after another in a buffer. */
export interface Pack {
  readonly name: string;
  readonly inputs: readonly Input[];
}

export interface Buffers {
  /** Inputs that are bound as they are, by the name that the shader has for them. */
  readonly direct: ReadonlyMap<string, string>;
  readonly packs: readonly Pack[];
  /** All constants one after another, and where those of a node begin. */
  readonly constants: readonly number[];
  readonly tables: ReadonlyMap<Node, number>;
  /** Elements */
  readonly scratch: number;
  /** Element `index` of an input as WGSL. */
  read(name: string, index: string): string;
}

/**
 * @param nodes everything that is computed
 * @param gradients that are written
 * @param scratch elements
 * @throws NotFusable where they are still too many
 */
export function placeBuffers(nodes: readonly Node[], gradients: readonly string[], scratch: number): Buffers {
  const sizes = new Map<string, number>();
  const tables = new Map<Node, number>();
  const constants: number[] = [];
  for (const node of nodes) {
    const { form } = node;
    if (form.kind === 'input') sizes.set(form.name, sizeOf(node.shape));
    if (form.kind !== 'table') continue;
    tables.set(node, constants.length);
    constants.push(...form.values);
  }
  if (constants.length > MOST_CONSTANTS) throw new NotFusable('more constants than a loss should bring along');
  const room = BUFFERS - 1 - gradients.length - (constants.length > 0 ? 1 : 0) - (scratch > 0 ? 1 : 0);
  const inputs = Array.from(sizes, ([name, size]) => ({ name, size }));
  const packs = packInputs(inputs, room);
  const packed = new Map<string, string>();
  for (const pack of packs) {
    let start = 0;
    for (const { name, size } of pack.inputs) {
      packed.set(name, `${pack.name}[${start}u + `);
      start += size;
    }
  }
  const direct = inputs.filter(({ name }) => !packed.has(name));
  return {
    direct: new Map(direct.map(({ name }) => [name, inputName(name)])),
    packs,
    constants,
    tables,
    scratch,
    read: (name, index) => `${packed.get(name) ?? `${inputName(name)}[`}${index}]`,
  };
}

/** As few packs as leave all inputs in `room` buffers; a pack is written by a shader with as many buffers. */
function packInputs(inputs: readonly Input[], room: number): Pack[] {
  if (inputs.length <= room) return [];
  const largest = BUFFERS - 1;
  let count = 1;
  // What a full pack takes away from those that are bound as they are, against the buffer that it needs itself.
  while (count <= room && count * largest + (room - count) < inputs.length) count += 1;
  if (count > room) throw new NotFusable('more tensors than a shader binds');
  const packed = inputs.slice(room - count);
  return Array.from({ length: count }, (_, i) => ({ name: `pack${i}`, inputs: packed.slice(i * largest, (i + 1) * largest) }));
}
