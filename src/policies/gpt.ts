/**
 * GPT-2, exactly: pre-LayerNorm, gelu_new, learned positions, tied embeddings. θ's slices carry the names and the
 * orientation of Hugging Face's GPT2LMHeadModel (Conv1D weights are [in, out]), so an export is a relabelling.
 * On WebGPU the fused engine computes it, elsewhere `gpt-network`.
 */
import { RunFailure } from '../core/events';
import { type Layout, layoutOf } from '../core/layout';
import { choice, number } from '../core/params';
import { fusedDecode } from '../engine/gpt/decode';
import { fusedScore } from '../engine/gpt/score';
import { prepareDevice } from '../engine/tune';
import { runsFused } from './fused';
import { composedWriter, decode, drawKey } from './gpt-decode';
import { composedScore, type GptSizes } from './gpt-network';
import { definePolicy } from './policy';
import { fill, headStd } from './theta';

export const gpt = definePolicy({
  id: 'gpt',
  title: 'GPT-2',
  summary: 'A transformer with the architecture of GPT-2, made small.',
  params: {
    layers: number({ title: 'Layers', help: 'Transformer blocks.', default: 2, min: 1, max: 12, integer: true }),
    width: number({
      title: 'Width',
      help: 'Size of the residual stream; a multiple of the heads.',
      default: 64,
      min: 4,
      max: 768,
      integer: true,
    }),
    heads: number({ title: 'Heads', help: 'Attention heads in each layer.', default: 4, min: 1, max: 16, integer: true }),
    initStd: number({
      title: 'Initial scale',
      help: 'Standard deviation of the initial weights. GPT-2 has 0.02 at width 768; small models learn faster with more.',
      default: 0.08,
      min: 0.001,
      max: 1,
      scale: 'log',
    }),
    weights: choice({
      title: 'Weights in compute',
      help: '16 bits halve the memory that is read; the weights that are trained keep 32. Needs a graphics adapter with shader-f16.',
      default: 'f32',
      options: [
        { value: 'f32', title: '32 bits' },
        { value: 'f16', title: '16 bits' },
      ],
    }),
  },
  create({ layers, width, heads, initStd, weights }, shape) {
    if (width % heads !== 0) throw new RangeError(`the width ${width} is not a multiple of the ${heads} heads`);
    const sizes: GptSizes = { layers, width, heads, shape };
    const layout = gptLayout(sizes);
    const model = { layers, width, heads, vocabSize: shape.vocabSize, maxLen: shape.maxLen, layout, half: weights === 'f16' };
    const fused = fusedScore(model);
    const decoder = fusedDecode(model);
    return {
      layout,
      shape,
      init(rng) {
        return fill(layout, ({ name }) => {
          if (name.endsWith('bias')) return () => 0;
          if (/ln_\w+\.weight$/.test(name)) return () => 1;
          const stream = rng.fork(name);
          if (name === 'v_head.weight') return () => stream.normal() * headStd(width);
          // GPT-2 scales what is added to the residual stream by the number of additions.
          const std = name.endsWith('c_proj.weight') ? initStd / Math.sqrt(2 * layers) : initStd;
          return () => stream.normal() * std;
        });
      },
      score: (theta, rows) => (runsWith(weights) ? fused.score(theta, rows.tokens, rows.mask) : composedScore(theta, rows, layout, sizes)),
      sample: (theta, request) =>
        decode(
          request,
          sizes,
          runsWith(weights) && request.mix === undefined
            ? (forced) => decoder.decode(theta, forced, drawKey(request))
            : composedWriter(theta, layout, request, sizes),
        ),
      async prepare(report) {
        if (runsFused()) await prepareDevice((device) => [...fused.shaders(device), ...decoder.shaders], report);
      },
      release() {
        fused.release();
        decoder.release();
      },
    };
  },
});

/** Whether to run fused; the composed policy computes in 32 bits only. @throws RunFailure where it would have to do otherwise. */
function runsWith(weights: 'f32' | 'f16'): boolean {
  if (runsFused() || weights === 'f32') return runsFused();
  throw new RunFailure('bad-spec', 'Weights of 16 bits need a graphics adapter. Set the policy’s weights to 32 bits.');
}

/** Slices in Hugging Face's order of a GPT-2 state dict, and behind them TRL's value head where there is one. */
export function gptLayout({ layers, width: c, shape }: GptSizes): Layout {
  const blocks = Array.from({ length: layers }, (_, i): [string, number[]][] => [
    [`transformer.h.${i}.ln_1.weight`, [c]],
    [`transformer.h.${i}.ln_1.bias`, [c]],
    [`transformer.h.${i}.attn.c_attn.weight`, [c, 3 * c]],
    [`transformer.h.${i}.attn.c_attn.bias`, [3 * c]],
    [`transformer.h.${i}.attn.c_proj.weight`, [c, c]],
    [`transformer.h.${i}.attn.c_proj.bias`, [c]],
    [`transformer.h.${i}.ln_2.weight`, [c]],
    [`transformer.h.${i}.ln_2.bias`, [c]],
    [`transformer.h.${i}.mlp.c_fc.weight`, [c, 4 * c]],
    [`transformer.h.${i}.mlp.c_fc.bias`, [4 * c]],
    [`transformer.h.${i}.mlp.c_proj.weight`, [4 * c, c]],
    [`transformer.h.${i}.mlp.c_proj.bias`, [c]],
  ]);
  return layoutOf([
    ['transformer.wte.weight', [shape.vocabSize, c]],
    ['transformer.wpe.weight', [shape.maxLen, c]],
    ...blocks.flat(),
    ['transformer.ln_f.weight', [c]],
    ['transformer.ln_f.bias', [c]],
    ...(shape.head ? headSlices(c) : []),
  ]);
}

const headSlices = (c: number): [string, number[]][] => [
  ['v_head.weight', [c]],
  ['v_head.bias', [1]],
];
