// SPDX-License-Identifier: Apache-2.0
// The kernel that runs now.
#pragma once

#include <string>

namespace cudacpu {

bool in_kernel();
std::string kernel_name();
/// Ends the program if no kernel runs: `what` only means something inside one.
void need_kernel(const char* what);

}  // namespace cudacpu
