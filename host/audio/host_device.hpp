// SPDX-License-Identifier: Apache-2.0
// Marks functions that both backends call: on the host, and in kernels.
#pragma once

#ifdef __CUDACC__
#define TUTTI_HOST_DEVICE __host__ __device__
#else
#define TUTTI_HOST_DEVICE
#endif
