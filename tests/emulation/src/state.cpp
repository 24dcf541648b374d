// SPDX-License-Identifier: Apache-2.0
#include "state.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "kernel.hpp"
#include "sanitizers.hpp"

namespace cudacpu {

namespace {

// All state of the runtime lives in objects that are never destroyed: destructors of the program's
// own statics still free memory and streams.
std::string& report() {
  static auto& text = *new std::string;
  return text;
}

thread_local cudaError_t last_error = cudaSuccess;  // each host thread has its own, as in CUDA
cudaError_t sticky_error = cudaSuccess;

bool has(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' && std::strcmp(value, "0") != 0;
}

std::int64_t number(const char* name, std::int64_t otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? std::strtoll(value, nullptr, 10) : otherwise;
}

template <typename Choice>
Choice choice(const char* name, std::initializer_list<std::pair<const char*, Choice>> choices) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return choices.begin()->second;
  for (const auto& [word, meaning] : choices) {
    if (std::strcmp(value, word) == 0) return meaning;
  }
  std::fprintf(stderr, "cudacpu: %s: what is '%s'?\n", name, value);
  std::abort();
}

Settings* from_environment() {
  auto* made = new Settings;
  const auto seed = static_cast<unsigned>(number("TUTTI_EMULATED_SEED", 1));
  made->order_random.seed(seed);
  made->stream_random.seed(seed);
  made->order = choice<Order>(
      "TUTTI_EMULATED_ORDER",
      {{"forward", Order::forward}, {"reverse", Order::reverse}, {"random", Order::random}});
  made->streams = choice<Streams>(
      "TUTTI_EMULATED_STREAMS",
      {{"eager", Streams::eager}, {"late", Streams::late}, {"random", Streams::random}});
  made->memory_limit_bytes = static_cast<std::size_t>(
      number("TUTTI_EMULATED_MEMORY", static_cast<std::int64_t>(made->memory_limit_bytes)));
  made->allocations_until_failure = number("TUTTI_EMULATED_FAIL_ALLOC", -1);
  made->launches_until_failure = number("TUTTI_EMULATED_FAIL_LAUNCH", -1);
  made->no_device = has("TUTTI_EMULATED_NO_DEVICE");
  made->old_driver = has("TUTTI_EMULATED_OLD_DRIVER");
  return made;
}

}  // namespace

std::recursive_mutex& api_mutex() {
  static auto& mutex = *new std::recursive_mutex;
  return mutex;
}

Settings& settings() {
  static Settings& made = *from_environment();
  return made;
}

cudaError_t mistake(cudaError_t code, const std::string& message) {
  const Lock lock(api_mutex());
  std::string text = std::string("cudacpu: ") + cudaGetErrorName(code) + ": ";
  if (in_kernel()) text += "kernel " + kernel_name() + ": ";
  text += message + "\n";
  report() += text;
  if (settings().abort_on_mistake) {
    std::fputs(text.c_str(), stderr);
    std::abort();
  }
  return refuse(code);
}

cudaError_t refuse(cudaError_t code) {
  last_error = code;
  return code;
}

bool counts_out(std::int64_t& remaining) { return remaining >= 0 && remaining-- == 0; }

void lose_device(cudaError_t code) { sticky_error = code; }
cudaError_t lost_device() { return sticky_error; }

std::string to_text(Place place) {
  return std::string(place.file) + ":" + std::to_string(place.line);
}

std::string to_text(uint3 index) {
  return "(" + std::to_string(index.x) + "," + std::to_string(index.y) + "," +
         std::to_string(index.z) + ")";
}

void set_order(Order order, unsigned seed) {
  const Lock lock(api_mutex());
  settings().order = order;
  settings().order_random.seed(seed);
}

void set_streams(Streams streams, unsigned seed) {
  const Lock lock(api_mutex());
  cudaDeviceSynchronize();
  settings().streams = streams;
  settings().stream_random.seed(seed);
}

void set_memory_limit(std::size_t limit_bytes) {
  const Lock lock(api_mutex());
  settings().memory_limit_bytes = limit_bytes;
}

void fail_allocation_after(std::int64_t count) {
  const Lock lock(api_mutex());
  settings().allocations_until_failure = count;
}

void fail_launch_after(std::int64_t count) {
  const Lock lock(api_mutex());
  settings().launches_until_failure = count;
}

void set_abort_on_mistake(bool abort) { settings().abort_on_mistake = abort; }

std::string take_report() {
  const Lock lock(api_mutex());
  return std::exchange(report(), std::string());
}

void revive() {
  const Lock lock(api_mutex());
  last_error = cudaSuccess;
  sticky_error = cudaSuccess;
}

Stats& stats() {
  static auto& counts = *new Stats;
  return counts;
}

}  // namespace cudacpu

cudaError_t cudaGetLastError() {
  const cudaError_t error = cudaPeekAtLastError();
  cudacpu::last_error = cudaSuccess;
  return error;
}

cudaError_t cudaPeekAtLastError() {
  const cudaError_t lost = cudacpu::lost_device();
  return lost != cudaSuccess ? lost : cudacpu::last_error;
}

// What every program with this runtime wants of its sanitizer; environment variables go above it.
#if defined(CUDACPU_THREAD_SANITIZER)
extern "C" const char* __tsan_default_options() { return "halt_on_error=1:exitcode=66"; }
#elif defined(CUDACPU_MEMORY_SANITIZER)
// The C++ library is not instrumented: what it writes to the heap would count as never written. The
// runtime itself poisons the memory of the emulated device.
extern "C" const char* __msan_default_options() {
  return "poison_in_malloc=0:poison_in_free=0:exitcode=77";
}

// What was copied from the device without having been written there leaves its mark in the heap when
// it is freed; it is wiped off where the memory is used again.
namespace {
const int wipe_new_memory = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void* memory, std::size_t size_bytes) { __msan_unpoison(memory, size_bytes); },
    [](const volatile void*) {});
}
#endif
