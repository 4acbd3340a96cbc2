/** Attention while sampling: queries of some positions over the cached keys and values of all positions so far. */
import { LANES, type Shader, type Step, step } from '../plan';
import { headCode, helpers } from './attention';
import { common, LOWEST, MAIN } from './common';

const FIELDS = ['rows', 'start', 'places', 'heads', 'headSize', 'qkv', 'mixed'] as const;

/** Where the cache [T, R, 3, H, D] begins, the positions that ask, and where their mixed values [places, R, H, D] go. */
export interface CachedAt {
  readonly rows: number;
  readonly start: number;
  readonly places: number;
  readonly qkv: number;
  readonly mixed: number;
}

/** First the largest score, then the sums: the scores are computed twice, so that none has to be kept. */
const code = (vectors: number): string => {
  const { each, zero, load, store, inner } = headCode(vectors);
  return /* wgsl */ `${common()}${helpers(vectors)}
${MAIN} {
  let thread = threadOf(group, lane);
  if (thread >= u.places * u.rows * u.heads) { return; }
  let head = thread % u.heads;
  let row = thread / u.heads % u.rows;
  let query = thread / u.heads / u.rows;
  let place = u.start + query;
  let scale = 1.0 / sqrt(f32(u.headSize));
  ${load('q', 'part(u.qkv, place * u.rows + row, 0u, head)')}
  var highest = ${LOWEST};
  for (var s = 0u; s <= place; s++) {
    ${load('k', 'part(u.qkv, s * u.rows + row, 1u, head)')}
    ${inner('product', 'q', 'k')}
    highest = max(highest, product * scale);
  }
  ${zero('mixed')}
  var total = 0.0;
  for (var s = 0u; s <= place; s++) {
    ${load('k', 'part(u.qkv, s * u.rows + row, 1u, head)')}
    ${load('v', 'part(u.qkv, s * u.rows + row, 2u, head)')}
    ${inner('product', 'q', 'k')}
    let p = exp(product * scale - highest);
    total += p;
    ${each((x) => `${x('mixed')} += p * ${x('v')};`)}
  }
  ${store('mix(u.mixed, query * u.rows + row, head)', 'mixed', ' / total')}
}`;
};

/**
 * Attention over the cache, for heads of one size.
 * @param vectors vec4s of a head
 */
export function cachedAttention(heads: number, headSize: number, vectors: number) {
  const shader: Shader<(typeof FIELDS)[number]> = { name: `attention-cached-${vectors}`, fields: FIELDS, extras: [], code: code(vectors) };
  return (at: CachedAt): Step => step(shader, Math.ceil((at.places * at.rows * heads) / LANES), { ...at, heads, headSize });
}
