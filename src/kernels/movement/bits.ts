/** Differences of weights in WGSL, on the bits of their words: the same as in `metrics/movement`, whatever the device does to denormals. */
export const BITS = /* wgsl */ `
const INFINITE = 0x7f800000u;

// To nearest, ties to even; a NaN stays as it is.
fn toBf16(word: u32) -> u32 {
  let rounded = (word + 0x7fffu + ((word >> 16u) & 1u)) & 0xffff0000u;
  return select(rounded, word, (word & 0x7fffffffu) > INFINITE);
}

// The word of |b - a|; infinite where one is not a finite number, unless both are the same infinity. Never 0 where the two differ.
fn gapOf(a: u32, b: u32) -> u32 {
  let isNumber = (a & 0x7fffffffu) <= INFINITE && (b & 0x7fffffffu) <= INFINITE;
  if (isNumber && (a == b || ((a | b) & 0x7fffffffu) == 0u)) { return 0u; }
  if ((a & INFINITE) == INFINITE || (b & INFINITE) == INFINITE) { return INFINITE; }
  return max(1u, bitcast<u32>(abs(bitcast<f32>(b) - bitcast<f32>(a))));
}`;
