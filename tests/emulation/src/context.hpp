// SPDX-License-Identifier: Apache-2.0
// Switching between stacks: the few instructions that C++ has no words for.
#pragma once

/// Saves this context's stack pointer in `*save` and goes on where `to` was saved.
extern "C" void cudacpu_switch(void** save, void* to);

namespace cudacpu {

/// A stack pointer to switch to, from which `entry` begins on the stack that ends at `top`
/// (aligned to 16 bytes). `entry` must not return.
void* new_context(char* top, void (*entry)());

}  // namespace cudacpu
