// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Marks algebra that host and device share: the same text compiles for both.
#ifdef __CUDACC__
#define TUTTI_HOST_DEVICE __host__ __device__
#else
#define TUTTI_HOST_DEVICE
#endif
