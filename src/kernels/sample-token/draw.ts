/**
 * WGSL that draws a token per row, for this kernel and for the decoder of the engine: with one code both write the same
 * text. A team of lanes shares a row, and a workgroup holds one team or several.
 */
import { type Sharpening, SMALLEST } from './reference';

/** Lanes of a team. A search for a limit tests this many limits at once, so it is a power of two. */
export const TEAM = 16;

/** Bits of a limit that one round of a search settles. */
const ROUND = Math.log2(TEAM);

/** Fields of the uniform that `drawCode` reads, beside any others. */
export const KEY_FIELDS = 'seed: u32, step: u32, sharpness: f32, noise: f32, topK: u32, topP: f32';

/** The words of `KEY_FIELDS`. */
export const keyWords = ({ seed, step, temperature, topK, topP }: { seed: number; step: number } & Sharpening) => {
  const greedy = temperature === 0;
  return [
    { type: 'u32', value: seed },
    { type: 'u32', value: step },
    { type: 'f32', value: greedy ? 1 : 1 / temperature },
    { type: 'f32', value: greedy ? 0 : 1 },
    { type: 'u32', value: greedy ? 0 : topK },
    { type: 'f32', value: greedy ? 1 : topP },
  ] as const;
};

/**
 * `drawToken` gives every lane of a team the token of its row. All lanes of the workgroup have to call it. Its two halves
 * are for callers who have other things to share at the same barrier.
 *
 * Limits are found without sorting: floats map to words of the same order, and the largest word that enough tokens (for
 * top-k), or tokens of enough probability (for top-p), reach is settled four bits a round. Equal logits stay or go together.
 * @param lanes of a workgroup
 * @param key name of the uniform with `KEY_FIELDS`
 * @param vocab WGSL expression for the number of tokens
 * @param logits WGSL expression for the vec4 of logits 4 i to 4 i + 3 of the row at `at`; those that do not exist may be
 *   anything
 */
export const drawCode = (lanes: number, key: string, vocab: string, logits: string): string => /* wgsl */ `
var<workgroup> teamScores: array<f32, ${lanes}>;
var<workgroup> teamTokens: array<u32, ${lanes}>;

fn pcg4d(key: vec4u) -> vec4u {
  var h = key * 1664525u + 1013904223u;
  h.x += h.y * h.w; h.y += h.z * h.x; h.z += h.x * h.y; h.w += h.y * h.z;
  h ^= h >> vec4u(16u);
  h.x += h.y * h.w; h.y += h.z * h.x; h.z += h.x * h.y; h.w += h.y * h.z;
  return h;
}

// Logits divided by the temperature.
fn sharpened(at: u32, i: u32) -> vec4f { return ${logits} * ${key}.sharpness; }

fn exists(i: u32) -> vec4<bool> { return vec4u(4u * i) + vec4u(0u, 1u, 2u, 3u) < vec4u(${vocab}); }

// Words in the order of the floats, both zeros alike. No float maps to 0, which stands for tokens that do not exist.
fn ordered(at: u32, i: u32) -> vec4u {
  let x = sharpened(at, i);
  let bits = bitcast<vec4u>(select(x, vec4f(), x == vec4f()));
  let words = bits ^ select(vec4u(0x80000000u), vec4u(0xffffffffu), bits >= vec4u(0x80000000u));
  return select(vec4u(), words, exists(i));
}

// How many tokens reach a limit, or the sum of their exp(logit - top).
fn reaching(at: u32, limit: u32, byMass: bool, top: f32) -> f32 {
  var total = vec4f();
  for (var i = 0u; 4u * i < ${vocab}; i++) {
    var weights = vec4f(1.0);
    if (byMass) { weights = exp(sharpened(at, i) - top); }
    total += select(vec4f(), weights, ordered(at, i) >= vec4u(limit));
  }
  return total.x + total.y + total.z + total.w;
}

// The largest limit, above a floor, that this many tokens or this much mass reach; 0 where there are fewer than so many.
fn search(lane: u32, at: u32, floor: u32, byMass: bool, top: f32, need: f32) -> u32 {
  let member = lane % ${TEAM}u;
  var limit = 0u;
  for (var shift = 32u; shift > 0u; ) {
    shift -= ${ROUND}u;
    teamTokens[lane] = u32(member > 0u && reaching(at, max(limit | (member << shift), floor), byMass, top) >= need);
    workgroupBarrier();
    var passed = 0u;
    for (var i = 0u; i < ${TEAM}u; i++) { passed += teamTokens[lane - member + i]; }
    limit |= passed << shift;
    workgroupBarrier();
  }
  return max(limit, floor);
}

// The lowest word that may be drawn; 0 where all may.
fn lowestDrawn(lane: u32, at: u32) -> u32 {
  var lowest = 0u;
  if (${key}.topK > 0u) { lowest = search(lane, at, 0u, false, 0.0, f32(${key}.topK)); }
  if (${key}.topP < 1.0) {
    var highest = vec4f(-3.4e38);
    for (var i = 0u; 4u * i < ${vocab}; i++) { highest = select(highest, max(highest, sharpened(at, i)), exists(i)); }
    let top = max(max(highest.x, highest.y), max(highest.z, highest.w));
    lowest = search(lane, at, lowest, true, top, ${key}.topP * reaching(at, max(lowest, 1u), true, top));
  }
  return lowest;
}

// Every lane's best of the tokens that are its own, by logits / temperature - log(-log u).
fn tryTokens(lane: u32, at: u32, row: u32, place: u32) {
  let lowest = lowestDrawn(lane, at);
  let member = lane % ${TEAM}u;
  var best = -3.4e38;
  var chosen = 0xffffffffu;
  for (var i = member; 4u * i < ${vocab}; i += ${TEAM}u) {
    let x = sharpened(at, i);
    var words = vec4u(0xffffffffu);
    if (lowest > 0u) { words = ordered(at, i); }
    for (var c = 0u; c < 4u && 4u * i + c < ${vocab}; c++) {
      let v = 4u * i + c;
      let h = pcg4d(vec4u(${key}.seed ^ (v * 0x9e3779b1u), ${key}.step, row, place));
      let uniformly = (f32(h.x >> 9u) + 0.5) * ${2 ** -23};
      let score = x[c] - ${key}.noise * log(max(-log(uniformly), ${SMALLEST}));
      if (words[c] >= lowest && score > best) { best = score; chosen = v; }
    }
  }
  teamScores[lane] = best;
  teamTokens[lane] = chosen;
}

// The best of a team, the first of equal ones; 0 where all are NaN. Between \`tryTokens\` and this belongs a barrier, as
// before the next of either.
fn bestToken(lane: u32) -> u32 {
  let begin = lane - lane % ${TEAM}u;
  var best = teamScores[begin];
  var chosen = teamTokens[begin];
  for (var i = begin + 1u; i < begin + ${TEAM}u; i++) {
    let score = teamScores[i];
    let token = teamTokens[i];
    if (score > best || (score == best && token < chosen)) { best = score; chosen = token; }
  }
  return select(chosen, 0u, chosen == 0xffffffffu);
}

fn drawToken(lane: u32, at: u32, row: u32, place: u32) -> u32 {
  tryTokens(lane, at, row, place);
  workgroupBarrier();
  let token = bestToken(lane);
  workgroupBarrier();
  return token;
}
`;
