/** What a loss's shader keeps between its barriers, and where: numbers that many elements were reduced to, and running sums. */
import { type Node, NotFusable, partsOf, sizeOf } from './graph';

/** Threads of the workgroup; more where there is much to do. */
const FEW = 64;
const MANY = 256;
/** Elements from which on the second number is taken. */
const MUCH = 4096;
/** Workgroup memory that WebGPU guarantees. */
const MEMORY_BYTES = 16_384;

/** Where a node's elements lie, one after another. */
export interface Place {
  /** Workgroup memory, or a buffer of its own where that is full. */
  readonly array: 'sums' | 'scratch';
  readonly start: number;
}

export interface Memory {
  readonly lanes: number;
  /** Reductions to a single number, by their slot in `partials`, where every lane has a part of each. */
  readonly totals: ReadonlyMap<Node, number>;
  readonly kept: ReadonlyMap<Node, Place>;
  /** Elements of either array */
  readonly size: Readonly<Record<Place['array'], number>>;
}

/** Whether the result is one number, for which all threads work together. */
const isTotal = (node: Node): boolean => node.form.kind === 'reduce' && sizeOf(node.shape) === 1;

/** Whether a barrier has to lie between those who compute a node and those who read it. */
const isStored = ({ form, kept = false }: Node): boolean => form.kind === 'reduce' || form.kind === 'scan' || kept;

/**
 * @param nodes everything that is computed
 * @throws NotFusable where not even the totals fit
 */
export function placeNodes(nodes: readonly Node[]): Memory {
  const totals = new Map(nodes.filter(isTotal).map((node, slot) => [node, slot]));
  const others = nodes.filter((node) => isStored(node) && !isTotal(node));
  const all = others.reduce((total, { shape }) => total + sizeOf(shape), 0);
  const elements = Math.max(...nodes.map(({ shape }) => sizeOf(shape)));
  const bytes = (lanes: number): number => 4 * (totals.size * lanes + all);
  const lanes = elements > MUCH && (bytes(MANY) <= MEMORY_BYTES || bytes(FEW) > MEMORY_BYTES) ? MANY : FEW;
  const fitting = 4 * totals.size * lanes <= MEMORY_BYTES ? lanes : FEW;
  const room = MEMORY_BYTES / 4 - totals.size * fitting;
  if (room < 0) throw new NotFusable('more sums than workgroup memory holds');
  const size = { sums: 0, scratch: 0 };
  const kept = new Map<Node, Place>();
  for (const node of others) {
    const count = sizeOf(node.shape);
    const array = size.sums + count <= room ? 'sums' : 'scratch';
    kept.set(node, { array, start: size[array] });
    size[array] += count;
  }
  return { lanes: fitting, totals, kept, size };
}

/** How many barriers have to lie before a node's elements can be read: the longest chain of stored nodes down to it. */
export function levels(nodes: readonly Node[]): (node: Node) => number {
  const known = new Map<Node, number>();
  const levelOf = (node: Node): number => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const level = partsOf(node).reduce((deepest, part) => Math.max(deepest, levelOf(part)), 0) + (isStored(node) ? 1 : 0);
    known.set(node, level);
    return level;
  };
  nodes.forEach(levelOf);
  return levelOf;
}
