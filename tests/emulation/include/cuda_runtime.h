// SPDX-License-Identifier: Apache-2.0
// The part of the CUDA runtime that the kernels use, for a plain C++20 compiler. Stands first on
// the include path, so that unmodified .cu files compile as C++ and run on the CPU. Tests only.
//
// There is deliberately no cuda_runtime_api.h here: NVIDIA's C++ libraries take that as a toolkit.
#pragma once

#include "emulated/arithmetic.h"
#include "emulated/atomics.h"
#include "emulated/control.h"
#include "emulated/device_api.h"
#include "emulated/hooks.h"
#include "emulated/launch.h"
#include "emulated/memory_api.h"
#include "emulated/qualifiers.h"
#include "emulated/stream_api.h"
#include "emulated/threads.h"
#include "emulated/types.h"
#include "emulated/vector_types.h"
#include "emulated/warps.h"
