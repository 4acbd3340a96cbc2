/** Drawing from two policies at once: the geometric mixture of their next-token distributions (Nash-MD's opponent). */
import * as tf from '@tensorflow/tfjs-core';

/** Logits of p^(1 - weight) q^weight, up to a constant, from logits of p and of q, [R, V] each. */
export const mixedLogits = (own: tf.Tensor2D, other: tf.Tensor2D, weight: number): tf.Tensor2D =>
  tf.add(tf.mul(1 - weight, tf.logSoftmax(own)), tf.mul(weight, tf.logSoftmax(other))); // [R, V]
