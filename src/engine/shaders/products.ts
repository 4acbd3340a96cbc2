/** The GPT's matrix products, with what comes after them in the same dispatch. */
import { type Step, step } from '../plan';
import type { Element } from './common';
import { NORM_BACK_FIELDS, NORM_FIELDS, normBackwardOf, normForwardOf } from './norm';
import type { Scheme } from './scheme';
import { lineOf, type Product, productFields, productShader, rowFields, rowGroups, STORE, tilingOf } from './tiles';

// Beyond 15 tanh is 1 in f32, and larger arguments overflow inside it.
export const GELU = /* wgsl */ `
fn bend(x: vec4f) -> vec4f { return tanh(clamp(0.7978845608028654 * (x + 0.044715 * x * x * x), vec4f(-15.0), vec4f(15.0))); }
`;

type NormField = (typeof NORM_FIELDS)[number];
type NormBackField = (typeof NORM_BACK_FIELDS)[number];
/** What LayerNorm needs besides the axis, which it shares with the product. */
export type NormAt = Readonly<Record<Exclude<NormField, 'width' | 'vectors'>, number>>;
export type NormBackAt = Readonly<Record<Exclude<NormBackField, 'width' | 'vectors' | 'gradNormed'>, number>>;

/** The products of a model in a scheme. */
export function products(scheme: Scheme, element: Element) {
  const tiling = tilingOf(scheme, element);
  const biased = productShader(tiling, element, {
    name: 'biased',
    orientation: 'plain',
    fields: ['c'],
    code: STORE('sum + weight(u.c + column)'),
    main: tiling.free,
  });
  const gelu = productShader(tiling, element, {
    name: 'gelu',
    orientation: 'plain',
    fields: ['c', 'z'],
    code: `${GELU}${STORE('x', 'let x = sum + weight(u.c + column);', 'arena[u.z + to] = select(vec4f(), 0.5 * x * (1.0 + bend(x)), present(left));')}`,
    main: tiling.free,
  });
  const residual = productShader(tiling, element, {
    name: 'residual',
    orientation: 'plain',
    fields: ['c', 'z', 'groupRows', ...NORM_FIELDS],
    code: `${normForwardOf(tiling.scheme)}${STORE('sum + weight(u.c + column) + arena[u.z + to]')}`,
    main: tiling.rows('', tiling.eachRow('normRow')),
  });
  const transposed = productShader(tiling, element, {
    name: 'transposed',
    orientation: 'transposed',
    fields: [],
    code: STORE('sum'),
    main: tiling.free,
  });
  const geluBack = productShader(tiling, element, {
    name: 'gelu-back',
    orientation: 'transposed',
    fields: ['z'],
    code: `${GELU}${STORE(
      'sum * (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * 0.7978845608028654 * (1.0 + 0.134145 * x * x))',
      'let x = arena[u.z + to]; let t = bend(x);',
    )}`,
    main: tiling.free,
  });
  const normBack = productShader(tiling, element, {
    name: 'norm-back',
    orientation: 'transposed',
    fields: ['groupRows', ...NORM_BACK_FIELDS],
    code: `${normBackwardOf(tiling.scheme)}${STORE('sum')}`,
    main: tiling.rows('', tiling.eachRow('normRowBack')),
  });
  return {
    /** y = x W + c */
    biased: (p: Product, c: number): Step => step(biased, tiling.freeGroups(p), { ...productFields(p, lineOf(p.n)), c }),
    /** y = x W + c, z = gelu_new(y) = y/2 (1 + tanh(sqrt(2/pi) (y + .044715 y^3))) */
    gelu: (p: Product, c: number, z: number): Step => step(gelu, tiling.freeGroups(p), { ...productFields(p, lineOf(p.n)), c, z }),
    /** y = x W + c + z, and LayerNorm of y */
    residual: (p: Product, c: number, z: number, norm: NormAt): Step =>
      step(residual, rowGroups(tiling, p), { ...productFields(p, lineOf(p.n)), c, z, ...norm, ...rowFields(tiling, p) }),
    /** y = x W^T */
    transposed: (p: Product): Step => step(transposed, tiling.freeGroups(p), productFields(p, lineOf(p.k))),
    /** y = x W^T gelu_new'(z) */
    geluBack: (p: Product, z: number): Step => step(geluBack, tiling.freeGroups(p), { ...productFields(p, lineOf(p.k)), z }),
    /** y = x W^T, and from y, the gradient of a LayerNorm's output, to the gradient of its input */
    normBack: (p: Product, norm: NormBackAt): Step =>
      step(normBack, rowGroups(tiling, p), { ...productFields(p, lineOf(p.k)), ...norm, gradNormed: p.y, ...rowFields(tiling, p) }),
  };
}

export type Products = ReturnType<typeof products>;
