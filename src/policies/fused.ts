/** Whether policies and losses run in the fused engine. */
import * as tf from '@tensorflow/tfjs-core';

let composed = false;

/** From now on everything runs in stock tfjs ops, on the GPU too: what the engine is compared with. */
export const runComposed = (): void => {
  composed = true;
};

/** On WebGPU, unless the composed policies were asked for. */
export const runsFused = (): boolean => !composed && tf.getBackend() === 'webgpu';
