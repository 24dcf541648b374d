// SPDX-License-Identifier: Apache-2.0
// Launches: limits, the order of blocks, and traps.
#include "kernel.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <numeric>

#include "block.hpp"
#include "memory.hpp"
#include "sanitizers.hpp"
#include "shared_memory.hpp"
#include "traffic.hpp"

namespace cudacpu {
namespace {

constexpr std::size_t kSharedBytesOfAnyKernel = 48 << 10;
constexpr std::size_t kMostSharedBytes = 227 << 10;  // compute capability 9.0 and 10.0

const void* running_kernel = nullptr;
char fence_token;

std::map<const void*, std::size_t>& shared_limits() {
  static auto& limits = *new std::map<const void*, std::size_t>;
  return limits;
}

// Not safe in a signal handler, and good enough in a test that is about to die.
void on_trap(int signal_number, siginfo_t* info, void*) {
  if (in_kernel()) {
    std::fprintf(stderr, "cudacpu: illegal access to %p in kernel %s, block %s, thread %s\n",
                 info->si_addr, kernel_name().c_str(), to_text(blockIdx).c_str(),
                 to_text(threadIdx).c_str());
  } else {
    std::fprintf(stderr, "cudacpu: illegal access to %p by host code%s\n", info->si_addr,
                 find_allocation(info->si_addr, 1) != nullptr ? ": that is a device pointer" : "");
  }
  std::signal(signal_number, SIG_DFL);  // the access happens again, and ends the program
}

void install_trap_handler() {
  static const bool once = [] {
    struct sigaction action {};
    action.sa_sigaction = on_trap;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &action, nullptr);
    return true;
  }();
  static_cast<void>(once);
  // A handler needs a stack of its own where a fibre's has overflowed. One for each host thread.
  thread_local char stack[16 << 10];
  thread_local const bool stack_set = [] {
    stack_t own{};
    own.ss_sp = stack;
    own.ss_size = sizeof stack;
    return sigaltstack(&own, nullptr) == 0;
  }();
  static_cast<void>(stack_set);
}

// Visits every block once: forward, in reverse, or by a cheap permutation i ↦ i · stride + start.
class BlockOrder {
 public:
  explicit BlockOrder(dim3 grid) : grid_(grid), count_(std::uint64_t{grid.x} * grid.y * grid.z) {
    Settings& now = settings();
    reverse_ = now.order == Order::reverse;
    if (now.order != Order::random) return;
    do {
      stride_ = now.order_random() % count_ + 1;
    } while (std::gcd(stride_, count_) != 1);
    start_ = now.order_random() % count_;
  }

  std::uint64_t count() const { return count_; }
  uint3 operator[](std::uint64_t k) const {
    const std::uint64_t i = reverse_ ? count_ - 1 - k : (k * stride_ + start_) % count_;
    return {static_cast<unsigned>(i % grid_.x), static_cast<unsigned>(i / grid_.x % grid_.y),
            static_cast<unsigned>(i / grid_.x / grid_.y)};
  }

 private:
  dim3 grid_;
  std::uint64_t count_;
  std::uint64_t stride_ = 1;
  std::uint64_t start_ = 0;
  bool reverse_ = false;
};

void run(const Launch& launch) {
  const auto began = std::chrono::steady_clock::now();
  if (kPlain) install_trap_handler();
  running_kernel = launch.kernel;
  blockDim = launch.block;
  gridDim = launch.grid;
  const BlockOrder blocks(launch.grid);
  SharedMemory shared(launch.kernel, launch.shared_bytes);
  BlockRunner& runner = block_runner();
  runner.begin_launch(launch.block, launch.body);
  count_launch_begin();
  bool going = true;
  for (std::uint64_t k = 0; going && k < blocks.count(); ++k) {
    blockIdx = blocks[k];
    shared.reset();
    going = runner.run_block();
  }
  runner.end_launch();
  count_launch_end(launch.kernel, blocks.count());
  running_kernel = nullptr;
  if (!going) lose_device(cudaErrorLaunchFailure);
  Stats& counts = stats();
  ++counts.launches;
  counts.blocks += blocks.count();
  counts.threads += blocks.count() * launch.block.x * launch.block.y * launch.block.z;
  counts.kernel_s +=
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

cudaError_t check_limits(const Launch& launch) {
  const dim3 grid = launch.grid;
  const dim3 block = launch.block;
  const std::uint64_t threads = std::uint64_t{block.x} * block.y * block.z;
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || threads == 0 || threads > kMostThreads ||
      block.z > 64 || grid.x > 2147483647U || grid.y > 65535 || grid.z > 65535) {
    return mistake(cudaErrorInvalidConfiguration, "grid " + to_text({grid.x, grid.y, grid.z}) +
                                                      ", block " +
                                                      to_text({block.x, block.y, block.z}));
  }
  const auto found = shared_limits().find(launch.kernel);
  const std::size_t limit =
      found == shared_limits().end() ? kSharedBytesOfAnyKernel : found->second;
  if (launch.shared_bytes > limit) {
    return mistake(cudaErrorInvalidValue,
                   std::to_string(launch.shared_bytes) + " bytes of dynamic shared memory, and " +
                       std::to_string(limit) + " allowed (cudaFuncSetAttribute?)");
  }
  return cudaSuccess;
}

}  // namespace

bool in_kernel() { return running_kernel != nullptr; }

std::string kernel_name() { return name_of_kernel(running_kernel); }

void need_kernel(const char* what) {
  if (in_kernel()) return;
  std::fprintf(stderr, "cudacpu: %s called outside a kernel\n", what);
  std::abort();
}

void memory_fence() {
  release(&fence_token);
  acquire(&fence_token);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

void device_trap(Place place) { block_runner().give_up("__trap() at " + to_text(place)); }

cudaError_t set_function_attribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = callable()) return error;
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
  if (value < 0 || static_cast<std::size_t>(value) > kMostSharedBytes) {
    return mistake(cudaErrorInvalidValue, "more dynamic shared memory than a device has");
  }
  shared_limits()[kernel] = static_cast<std::size_t>(value);
  return cudaSuccess;
}

cudaError_t launch_kernel(cudaStream_t stream, Launch launch, std::vector<const void*> uses) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = callable()) return error;
  if (const cudaError_t error = check_limits(launch)) return error;
  Work work;
  work.uses = std::move(uses);
  if (counts_out(settings().launches_until_failure)) {
    // As on a device: the launch is accepted, and the loss shows when somebody waits for it.
    work.run = [] { lose_device(cudaErrorLaunchFailure); };
  } else {
    work.run = [bound = std::move(launch)] { run(bound); };
  }
  return enqueue(stream, std::move(work));
}

}  // namespace cudacpu
