// SPDX-License-Identifier: Apache-2.0
// What a test can ask of the emulation beyond CUDA. Programs that load an emulated backend are
// steered by environment variables of the same meaning; see the README.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace cudacpu {

/// In which order the threads of a block, and the blocks, run between two barriers.
enum class Order { forward, reverse, random };
void set_order(Order order, unsigned seed = 1);

/// When enqueued work really happens: at once, when somebody waits for it, or any time between.
enum class Streams { eager, late, random };
void set_streams(Streams streams, unsigned seed = 1);

/// Device memory that can be allocated in all.
void set_memory_limit(std::size_t limit_bytes);

/// The next `count` allocations of device or pinned memory succeed, the one after them fails, and
/// later ones succeed again. Negative: no failure.
void fail_allocation_after(std::int64_t count);

/// The next `count` launches succeed; the one after them ends the device: every later call returns
/// cudaErrorLaunchFailure. Negative: no failure.
void fail_launch_after(std::int64_t count);

/// A mistake of the program is printed and ends it (the default), or is kept for take_report().
void set_abort_on_mistake(bool abort);
/// The mistakes since the last call; empty if there were none.
std::string take_report();

/// Brings a lost device back and forgets errors, so that one process can try many broken programs.
void revive();

/// What the program holds now. A test that ends with more than it began with leaks.
struct Holdings {
  std::size_t device_allocations = 0;
  std::size_t pinned_allocations = 0;
  std::size_t streams = 0;
  std::size_t events = 0;
  std::size_t graphs = 0;
  std::size_t fft_plans = 0;
  std::size_t device_bytes = 0;

  bool operator==(const Holdings&) const = default;
};
Holdings holdings();

struct Stats {
  std::uint64_t launches = 0;
  std::uint64_t blocks = 0;
  std::uint64_t threads = 0;
  std::uint64_t switches = 0;  ///< from one thread of a block to another that had begun
  std::uint64_t barriers = 0;
  std::uint64_t warp_operations = 0;
  double kernel_s = 0;
};
Stats& stats();

/// What the launches of one kernel came to.
struct KernelCounts {
  std::string kernel;  ///< as declared, with its parameters; of cuFFT the call's name
  std::uint64_t launches = 0;
  std::uint64_t blocks = 0;  ///< of cuFFT: transforms
  /// Different bytes of device memory that a launch loads and stores, summed over the launches; 0
  /// unless the kernels are built to tell their accesses (see traffic.hpp).
  std::uint64_t read_bytes = 0, written_bytes = 0;
};
/// What the device was given to do, in the order in which kernels were first seen.
struct Counts {
  std::vector<KernelCounts> kernels;
  std::uint64_t uploaded_bytes = 0, downloaded_bytes = 0;
  std::uint64_t copied_bytes = 0;   ///< within the device
  std::uint64_t cleared_bytes = 0;
  std::size_t most_device_bytes = 0;  ///< held at once
};
/// Since the last reset_counts().
Counts counts();
void reset_counts();

}  // namespace cudacpu
