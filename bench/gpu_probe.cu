// SPDX-License-Identifier: Apache-2.0
// What this machine's device can do, before anything of ours runs on it: copy rates, pinning, page cache
// to pinned memory, transforms, dependent steps, start-up. Prints a table and writes JSON.
#include <cuda_runtime.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "kernels/runtime/device_buffer.hpp"
#include "kernels/runtime/fft_plan.hpp"
#include "kernels/runtime/launch.hpp"
#include "kernels/runtime/pinned_buffer.hpp"
#include "kernels/runtime/stream.hpp"

namespace tutti::cuda {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Median seconds of `run`, which ends synchronised.
double median_s(int runs, const std::function<void()>& run) {
  run();
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto start = Clock::now();
    run();
    times.push_back(seconds_since(start));
  }
  std::nth_element(times.begin(), times.begin() + runs / 2, times.end());
  return times[static_cast<std::size_t>(runs / 2)];
}

class Report {
 public:
  void add(const std::string& name, double value, const char* unit) {
    std::printf("%-44s %12.4g %s\n", name.c_str(), value, unit);
    rows_ += (rows_.empty() ? "" : ",\n") + ("  {\"name\": \"" + name) + "\", \"value\": " +
             std::to_string(value) + ", \"unit\": \"" + unit + "\"}";
  }
  void write(const char* path) const {
    if (std::FILE* file = std::fopen(path, "w")) {
      std::fprintf(file, "[\n%s\n]\n", rows_.c_str());
      std::fclose(file);
    }
  }

 private:
  std::string rows_;
};

/// One dependent step of a decoupled detector: max, then a one-pole.
template <typename Real>
__global__ void detector_kernel(Real* out, long long steps) {
  Real held = out[threadIdx.x], smooth = 0;
  const Real release = Real(0.9995), attack = Real(0.99), x = Real(0.3);
  for (long long i = 0; i < steps; ++i) {
    held = max(x * smooth, fma(release, held, (1 - release) * x));
    smooth = fma(attack, smooth, (1 - attack) * held);
  }
  out[threadIdx.x] = smooth;
}

/// Eight biquads in a row, one lane to a thread, states in double, on a made-up signal.
__global__ void cascade_kernel(float* out, int lanes, int frames) {
  const int lane = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  double s1[8] = {}, s2[8] = {};
  float last = 0;
  for (int n = 0; n < frames; ++n) {
    double x = (n & 255) * 0.001;
    for (int k = 0; k < 8; ++k) {
      const double y = fma(0.9, x, s1[k]);
      s1[k] = fma(-1.7, x, fma(1.8, y, s2[k]));
      s2[k] = fma(0.8, x, -0.85 * y);
      x = y;
    }
    last += static_cast<float>(x);
  }
  if (lane < lanes) out[lane] = last;
}

void probe_copies(Report& report, const Stream& stream) {
  constexpr std::size_t kBytes = std::size_t{256} << 20;
  const auto start = Clock::now();
  PinnedBuffer<std::byte> host(kBytes);
  report.add("pin 256 MiB", static_cast<double>(kBytes) / seconds_since(start) / 1e9, "GB/s");
  DeviceBuffer<std::byte> device(kBytes);
  const auto copy = [&](cudaMemcpyKind kind, void* to, const void* from) {
    return static_cast<double>(kBytes) / 1e9 / median_s(10, [&] {
             check(cudaMemcpyAsync(to, from, kBytes, kind, stream), "copy");
             stream.synchronize();
           });
  };
  report.add("host to device, pinned",
             copy(cudaMemcpyHostToDevice, device.data(), host.data()), "GB/s");
  report.add("device to host, pinned",
             copy(cudaMemcpyDeviceToHost, host.data(), device.data()), "GB/s");
  DeviceBuffer<std::byte> other(kBytes);
  report.add("device to device, read and written",
             2 * copy(cudaMemcpyDeviceToDevice, other.data(), device.data()), "GB/s");
  std::vector<std::byte> cached(kBytes, std::byte{1});
  for (const std::size_t threads : {1, 4, 8, 16}) {
    const double seconds = median_s(5, [&] {
      std::vector<std::thread> pool;
      for (std::size_t t = 0; t < threads; ++t)
        pool.emplace_back([&, t] {
          const std::size_t share = kBytes / threads;
          std::memcpy(host.data() + t * share, cached.data() + t * share, share);
        });
      for (std::thread& thread : pool) thread.join();
    });
    report.add("memory to pinned memory, " + std::to_string(threads) + " threads",
               static_cast<double>(kBytes) / 1e9 / seconds, "GB/s");
  }
}

void probe_transforms(Report& report, const Stream& stream) {
  for (int log2 = 14; log2 <= 22; log2 += 2) {
    const int size = 1 << log2, batch = std::max(1, (1 << 24) / size);
    DeviceBuffer<float> reals(static_cast<std::size_t>(size) * static_cast<std::size_t>(batch));
    DeviceBuffer<float2> bins(static_cast<std::size_t>(size / 2 + 1) *
                              static_cast<std::size_t>(batch));
    clear(stream, reals.span());
    FftPlan plan(dense_fft(FftKind::real_to_complex, size, batch));
    const double seconds = median_s(10, [&] {
      plan.execute(stream, DeviceSpan<const float>(reals.span()), bins.span());
      stream.synchronize();
    });
    report.add("R2C 2^" + std::to_string(log2) + " × " + std::to_string(batch),
               1e9 * seconds / (static_cast<double>(size) * batch), "ns a point");
  }
}

void probe_recurrences(Report& report, const Stream& stream) {
  constexpr long long kSteps = 1 << 20;
  DeviceBuffer<float> singles(32);
  DeviceBuffer<double> doubles(32);
  clear(stream, singles.span());
  clear(stream, doubles.span());
  const auto time = [&](const std::function<void()>& queue) {
    return median_s(5, [&] {
      queue();
      stream.synchronize();
    });
  };
  report.add("dependent detector step, float",
             1e9 / kSteps * time([&] {
               launch(detector_kernel<float>, 1, 32, 0, stream, singles.data(), kSteps);
             }),
             "ns");
  report.add("dependent detector step, double",
             1e9 / kSteps * time([&] {
               launch(detector_kernel<double>, 1, 32, 0, stream, doubles.data(), kSteps);
             }),
             "ns");
  constexpr int kFrames = 1 << 16;
  for (const int lanes : {32, 132, 300, 1000}) {
    DeviceBuffer<float> out(static_cast<std::size_t>(lanes));
    const double seconds = time([&] {
      launch(cascade_kernel, static_cast<unsigned>((lanes + 31) / 32), 32, 0, stream, out.data(),
             lanes, kFrames);
    });
    report.add("eight biquads, " + std::to_string(lanes) + " lanes, one a thread",
               1e9 * seconds / (static_cast<double>(kFrames) * lanes), "ns a sample");
  }
}

}  // namespace
}  // namespace tutti::cuda

int main(int argc, char** argv) {
  using namespace tutti::cuda;
  Report report;
  auto start = Clock::now();
  check(cudaFree(nullptr), "context");
  report.add("time to a context", seconds_since(start), "s");
  const Stream stream;
  start = Clock::now();
  DeviceBuffer<float> out(32);
  launch(cascade_kernel, 1, 32, 0, stream, out.data(), 32, 1);
  stream.synchronize();
  report.add("time to the first kernel", seconds_since(start), "s");
  start = Clock::now();
  FftPlan plan(dense_fft(FftKind::real_to_complex, 1 << 16, 16));
  report.add("time to the first plan", seconds_since(start), "s");
  probe_copies(report, stream);
  probe_transforms(report, stream);
  probe_recurrences(report, stream);
  if (argc > 1) report.write(argv[1]);
}
