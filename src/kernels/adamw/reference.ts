import type { HostTensor, Values } from '../kernel';

/** AdamW's settings at one step, with the schedule already applied. */
export interface AdamwAttrs {
  readonly lr: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Largest global gradient norm; 0 does not clip. */
  readonly clipNorm: number;
  /** 1 - beta1^t and 1 - beta2^t. Computed in doubles: a power in f32 shifts the loss by 1e-5. */
  readonly correction1: number;
  readonly correction2: number;
}

export type AdamwInput = 'theta' | 'grad' | 'm' | 'v' | 'gradSquares';
export type AdamwOutput = 'thetaNext' | 'mNext' | 'vNext';

/**
 * One step of AdamW (Loshchilov and Hutter, arXiv 1711.05101; torch.optim.AdamW) after clipping the global norm
 * (torch.nn.utils.clip_grad_norm_, its 1e-6 included):
 * g = grad min(1, c / (|grad| + 1e-6)); m = b1 m + (1-b1) g; v = b2 v + (1-b2) g^2;
 * theta = theta (1 - lr wd) - lr (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + eps).
 */
export function adamwReference(
  inputs: Readonly<Record<AdamwInput, HostTensor>>,
  attrs: AdamwAttrs,
  outputs: Readonly<Record<AdamwOutput, Values>>,
): void {
  const { theta, grad, m, v, gradSquares } = inputs;
  const { lr, beta1, beta2, epsilon, weightDecay, clipNorm, correction1, correction2 } = attrs;
  let squares = 0;
  for (const partial of gradSquares.values) squares += partial;
  const scale = clipNorm > 0 ? Math.min(1, clipNorm / (Math.sqrt(squares) + 1e-6)) : 1;
  for (let i = 0; i < theta.values.length; i++) {
    const g = (grad.values[i] as number) * scale;
    const mean = beta1 * (m.values[i] as number) + (1 - beta1) * g;
    const square = beta2 * (v.values[i] as number) + (1 - beta2) * g * g;
    const step = mean / correction1 / (Math.sqrt(square / correction2) + epsilon);
    outputs.mNext[i] = mean;
    outputs.vNext[i] = square;
    outputs.thetaNext[i] = (theta.values[i] as number) * (1 - lr * weightDecay) - lr * step;
  }
}
