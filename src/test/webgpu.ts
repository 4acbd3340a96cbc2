/** What tests of the engine need of a device: counting its work, and the processor as an oracle. */
import * as tf from '@tensorflow/tfjs-core';

/** Dispatches recorded and submissions made by some work, tfjs's own included, on any device of the process. */
export async function counted(work: () => unknown): Promise<{ dispatches: number; submits: number }> {
  const counts = { dispatches: 0, submits: 0 };
  const passes = GPUComputePassEncoder.prototype;
  const { dispatchWorkgroups } = passes;
  passes.dispatchWorkgroups = function (...groups) {
    counts.dispatches += 1;
    dispatchWorkgroups.apply(this, groups);
  };
  // On the prototype: a method of the queue's own would stay there and hide from whoever counts next.
  const queues = GPUQueue.prototype;
  const { submit } = queues;
  queues.submit = function (buffers) {
    counts.submits += 1;
    submit.call(this, buffers);
  };
  try {
    await work();
  } finally {
    passes.dispatchWorkgroups = dispatchWorkgroups;
    queues.submit = submit;
  }
  return counts;
}

/** Work on tfjs's cpu backend, which sums in doubles and has no shaders of stock ops to compile for every shape. */
export async function onProcessor<T>(work: () => Promise<T>): Promise<T> {
  await tf.setBackend('cpu');
  try {
    return await work();
  } finally {
    await tf.setBackend('webgpu');
  }
}
