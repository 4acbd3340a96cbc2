/** How alike completions are, without a model: the kernel of the Vendi score and of the mean pairwise distance. */
import { ngramsOf, type Written } from './ngrams';

const MAX_ORDER = 2;

/**
 * Cosine of the n-gram counts of each two completions, mean over the orders 1 to `maxOrder`, as the n-gram kernel of the Vendi score
 * has it (arXiv 2210.02410). A completion that is shorter than an order counts as one n-gram of its own there, so that it is like
 * itself and like its repeats alone. A mean of inner products, so the kernel has no negative eigenvalue.
 * @returns [n, n], 1 on the diagonal, entries in [0, 1]
 */
export function ngramKernel(completions: readonly Written[], maxOrder = MAX_ORDER): Float64Array {
  const n = completions.length;
  const kernel = new Float64Array(n * n);
  for (let order = 1; order <= maxOrder; order++) {
    const counts = completions.map(({ tokens }) =>
      tokens.length < order ? new Map([[`whole ${tokens.join(' ')}`, 1]]) : ngramsOf(tokens, order),
    );
    const squares = counts.map((own) => product(own, own));
    for (let i = 0; i < n; i++) {
      for (let j = i; j < n; j++) {
        const [a, b] = [counts[i] as Map<string, number>, counts[j] as Map<string, number>];
        const cosine = i === j ? 1 : product(a, b) / Math.sqrt((squares[i] as number) * (squares[j] as number));
        kernel[i * n + j] = (kernel[i * n + j] as number) + cosine / maxOrder;
        if (j > i) kernel[j * n + i] = kernel[i * n + j] as number;
      }
    }
  }
  return kernel;
}

/** Inner product of two count vectors. */
function product(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [gram, count] of a) sum += count * (b.get(gram) ?? 0);
  return sum;
}
