// SPDX-License-Identifier: Apache-2.0
// What the program looks up in the shared library of the CUDA backend.

/// Changes whenever host/backend's interface does; a loader refuses a library of another number.
extern "C" __attribute__((visibility("default"))) int tutti_cuda_backend_abi() { return 1; }
