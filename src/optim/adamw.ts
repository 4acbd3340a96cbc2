/** AdamW over θ: the state is three vectors, a step is two dispatches. */
import * as tf from '@tensorflow/tfjs-core';
import type { Training } from '../core/spec';
import { adamw } from '../kernels/adamw/op';
import { sumSquares } from '../kernels/sum-squares/op';
import { learningRate } from './schedule';

/** θ and both moments, each [n]. Owned by the caller; replaced, never changed, by a step. */
export interface OptimState {
  readonly theta: tf.Tensor1D;
  readonly m: tf.Tensor1D;
  readonly v: tf.Tensor1D;
}

/** A state with zero moments. */
export const initialState = (theta: Float32Array): OptimState => ({
  theta: tf.tensor1d(theta), // [n]
  m: tf.zeros([theta.length]), // [n]
  v: tf.zeros([theta.length]), // [n]
});

/**
 * One step of AdamW with clipping and schedule.
 * @param grad [n] of the loss with respect to θ
 * @param step steps that this stage has taken before this one
 * @returns the next state, and the partial sums of the gradient's squares before clipping [64]: see `normOf`
 */
export function optimise(
  state: OptimState,
  grad: tf.Tensor1D,
  training: Training,
  step: number,
): { next: OptimState; gradSquares: tf.Tensor1D } {
  return tf.tidy(() => {
    const gradSquares = sumSquares(grad); // [64]
    const { thetaNext, mNext, vNext } = adamw(
      { ...state, grad, gradSquares },
      {
        lr: learningRate(training, step),
        beta1: training.beta1,
        beta2: training.beta2,
        epsilon: training.epsilon,
        weightDecay: training.weightDecay,
        clipNorm: training.clipNorm,
        correction1: 1 - training.beta1 ** (step + 1),
        correction2: 1 - training.beta2 ** (step + 1),
      },
    );
    return { next: { theta: thetaNext, m: mNext, v: vNext }, gradSquares };
  });
}

/** The global norm of the gradient from its partial sums of squares, once they are on the host: that costs no dispatch. */
export const normOf = (gradSquares: Float32Array): number => Math.sqrt(gradSquares.reduce((sum, x) => sum + x, 0));
