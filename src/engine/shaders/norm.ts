/** LayerNorm of whole rows of the arena, forward and backward. */

/** Added to the variance (GPT-2's layer_norm_epsilon). */
const EPSILON = '1e-5';

/** Where LayerNorm finds what it needs: a [M, C] row each in the arena, and gain and bias in θ. */
export const NORM_FIELDS = ['stream', 'stats', 'normed', 'gain', 'bias', 'width', 'vectors'] as const;

/** `normRow`: the row's mean and reciprocal deviation, and (x - mean) / deviation * gain + bias. */
export const normForward = /* wgsl */ `
fn normRow(row: u32) {
  let x = u.stream + row * u.vectors;
  var total = vec4f();
  for (var i = 0u; i < u.vectors; i++) { total += arena[x + i]; }
  let mean = sum4(total) / f32(u.width);
  var squares = vec4f();
  for (var i = 0u; i < u.vectors; i++) {
    let centred = select(vec4f(), arena[x + i] - mean, present(u.width - 4u * i));
    squares += centred * centred;
  }
  let scale = inverseSqrt(sum4(squares) / f32(u.width) + ${EPSILON});
  arena[u.stats + row] = vec4f(mean, scale, 0.0, 0.0);
  for (var i = 0u; i < u.vectors; i++) {
    let value = (arena[x + i] - mean) * scale * weight(u.gain + 4u * i) + weight(u.bias + 4u * i);
    arena[u.normed + row * u.vectors + i] = select(vec4f(), value, present(u.width - 4u * i));
  }
}`;

/** `around` is the gradient that reaches the stream beside LayerNorm; without one, `hasAround` is 0. */
export const NORM_BACK_FIELDS = ['stream', 'stats', 'gain', 'width', 'vectors', 'gradNormed', 'gradStream', 'around', 'hasAround'] as const;

/** `normRowBack`: from the gradient of the row's normed values to that of the residual stream. */
export const normBackward = /* wgsl */ `
fn normRowBack(row: u32) {
  let at = row * u.vectors;
  let stats = arena[u.stats + row];
  var plain = vec4f();
  var along = vec4f();
  for (var i = 0u; i < u.vectors; i++) {
    let scaled = arena[u.gradNormed + at + i] * weight(u.gain + 4u * i);
    plain += scaled;
    along += scaled * (arena[u.stream + at + i] - stats.x) * stats.y;
  }
  let meanPlain = sum4(plain) / f32(u.width);
  let meanAlong = sum4(along) / f32(u.width);
  for (var i = 0u; i < u.vectors; i++) {
    let scaled = arena[u.gradNormed + at + i] * weight(u.gain + 4u * i);
    let unit = (arena[u.stream + at + i] - stats.x) * stats.y;
    var value = (scaled - meanPlain - unit * meanAlong) * stats.y;
    if (u.hasAround > 0u) { value += arena[u.around + at + i]; }
    arena[u.gradStream + at + i] = select(vec4f(), value, present(u.width - 4u * i));
  }
}`;
