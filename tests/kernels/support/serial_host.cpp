// SPDX-License-Identifier: Apache-2.0
// oneTBB is not instrumented, so ThreadSanitizer takes its handing over of tasks for races: in that
// build the host works on one thread. What is watched there are the kernels.
#include <tbb/global_control.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if __has_feature(thread_sanitizer)
namespace {
const tbb::global_control one_thread(tbb::global_control::max_allowed_parallelism, 1);
}
#endif
