// SPDX-License-Identifier: Apache-2.0
// Functions that are compiled for the processor and for the device.
#pragma once

#ifdef __CUDACC__
#define TUTTI_HOST_DEVICE __host__ __device__
#else
#define TUTTI_HOST_DEVICE
#endif
