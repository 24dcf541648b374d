// SPDX-License-Identifier: Apache-2.0
// Fibres: stacks on which the threads of a block run, one at a time.
#pragma once

#include <cstddef>
#include <vector>

namespace cudacpu {

struct Fibre {
  void* stack_pointer = nullptr;
  char* stack = nullptr;  ///< lowest address; null for the host's own stack
  const void* bottom = nullptr;
  std::size_t size_bytes = 0;
  void* fake_stack = nullptr;  ///< ASan's
};

/// Stacks are kept from launch to launch; contexts are not.
class FibrePool {
 public:
  /// A fibre on which `entry` will begin when it is switched to.
  Fibre* take(void (*entry)());
  /// For fibres that will begin anew, wherever they stopped.
  void give_back(Fibre* fibre);

 private:
  std::vector<Fibre*> unused_;
};

/// Leaves `from` for `to`; returns when somebody switches back.
void switch_fibre(Fibre& from, Fibre& to);
/// First thing that a fibre's entry calls.
void begin_fibre();

}  // namespace cudacpu
