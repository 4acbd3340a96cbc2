/** Whether policies and losses run in the fused engine. */
import * as tf from '@tensorflow/tfjs-core';

let composed = false;

/** Whether everything runs in stock tfjs ops from now on, on the GPU too: what the engine is compared with. */
export const runComposed = (asked: boolean): void => {
  composed = asked;
};

/** On WebGPU, unless the composed policies were asked for. */
export const runsFused = (): boolean => !composed && tf.getBackend() === 'webgpu';
