// What the optional TensorFlow package is on Node 23 and later: it loads and starts, and its first operation throws.
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { getKernelsForBackend, registerBackend, registerKernel, setBackend } from '@tensorflow/tfjs-core';

registerBackend('tensorflow', () => new MathBackendCPU(), 3);
for (const { kernelName } of getKernelsForBackend('cpu')) {
  const kernelFunc = () => {
    throw new TypeError('(0 , util_1.isNullOrUndefined) is not a function');
  };
  registerKernel({ kernelName, backendName: 'tensorflow', kernelFunc });
}
await setBackend('tensorflow');
