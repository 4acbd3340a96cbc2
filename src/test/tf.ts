/** tfjs for tests: the cpu backend with every gradient, ready before the first test of a file that imports this. */
import '@tensorflow/tfjs-backend-cpu';
// Bare tfjs-core knows no gradients.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';

// Else tfjs advises every test file to install its native backend.
tf.env().set('IS_TEST', true);
await tf.setBackend('cpu');

export { tf };
