// What stands in for the optional TensorFlow package where it works: registers a backend of that name which computes, in JavaScript.
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { getKernelsForBackend, registerBackend, registerKernel } from '@tensorflow/tfjs-core';

registerBackend('tensorflow', () => new MathBackendCPU(), 3);
for (const kernel of getKernelsForBackend('cpu')) registerKernel({ ...kernel, backendName: 'tensorflow' });
