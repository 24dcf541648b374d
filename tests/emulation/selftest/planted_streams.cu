// SPDX-License-Identifier: Apache-2.0
// Streams: waits that are missing, on the host and between streams.
#include <algorithm>

#include "tests/emulation/selftest/planted.hpp"

namespace tutti::cuda {
namespace {

__global__ void fill(float* out, float value, unsigned count) {
  if (threadIdx.x < count) out[threadIdx.x] = value;
}

__global__ void add_one(float* out, const float* in, unsigned count) {
  if (threadIdx.x < count) out[threadIdx.x] = in[threadIdx.x] + 1.0F;
}

std::vector<float> copied(const PinnedBuffer<float>& buffer) {
  return {buffer.host().begin(), buffer.host().end()};
}

std::vector<float> read_before_synchronising() {
  const Stream stream;
  const DeviceBuffer<float> buffer(32);
  const PinnedBuffer<float> host(32);
  launch(fill, 1, 32, 0, stream, buffer.data(), 1.0F, 32U);
  download(stream, buffer.span(), host.span());
  std::vector<float> result = copied(host);
  stream.synchronize();
  return result;
}

std::vector<float> reuse_staging_too_soon() {
  const Stream stream;
  const DeviceBuffer<float> first(32);
  const DeviceBuffer<float> second(32);
  const PinnedBuffer<float> staging(32);
  std::ranges::fill(staging.host(), 1.0F);
  upload(stream, staging.span(), first.span());
  std::ranges::fill(staging.host(), 2.0F);
  upload(stream, staging.span(), second.span());
  return host_copy(stream, first.span());
}

std::vector<float> two_streams(bool with_event) {
  const Stream producer;
  const Stream consumer;
  const Event produced;
  const DeviceBuffer<float> between(32);
  const DeviceBuffer<float> out(32);
  clear(producer, between.span());
  producer.synchronize();
  launch(fill, 1, 32, 0, producer, between.data(), 5.0F, 32U);
  produced.record(producer);
  if (with_event) consumer.wait(produced);
  launch(add_one, 1, 32, 0, consumer, out.data(), between.data(), 32U);
  std::vector<float> result = host_copy(consumer, out.span());
  producer.synchronize();
  return result;
}

// Right: the default stream and a blocking one wait for each other.
std::vector<float> default_stream_orders() {
  cudaStream_t blocking = nullptr;
  check(cudaStreamCreate(&blocking), "cudaStreamCreate");
  const DeviceBuffer<float> between(32);
  const DeviceBuffer<float> out(32);
  launch(fill, 1, 32, 0, blocking, between.data(), 5.0F, 32U);
  launch(add_one, 1, 32, 0, nullptr, out.data(), between.data(), 32U);
  std::vector<float> result = host_copy(blocking, out.span());
  check(cudaStreamDestroy(blocking), "cudaStreamDestroy");
  return result;
}

std::vector<float> call_cuda_from_host_function() {
  const Stream stream;
  check(cudaLaunchHostFunc(
            stream, [](void*) { static_cast<void>(cudaDeviceSynchronize()); }, nullptr),
        "cudaLaunchHostFunc");
  stream.synchronize();
  return {};
}

std::vector<float> use_destroyed_stream() {
  const DeviceBuffer<float> out(32);
  cudaStream_t gone = nullptr;
  {
    const Stream stream;
    gone = stream.get();
  }
  launch(fill, 1, 32, 0, gone, out.data(), 1.0F, 32U);
  return host_copy(nullptr, out.span());
}

}  // namespace

std::vector<Planted> planted_streams() {
  return {
      {"RightEventBetweenStreams", 0, [] { return two_streams(true); }},
      {"RightDefaultStream", 0, default_stream_orders},
      {"MissingEventBetweenStreams", kEveryBuild, [] { return two_streams(false); }},
      {"ReadBeforeSynchronising", kEveryBuild, read_before_synchronising},
      {"StagingReusedTooSoon", kEveryBuild, reuse_staging_too_soon},
      {"HostFunctionCallsCuda", kEveryBuild, call_cuda_from_host_function},
      {"DestroyedStream", kEveryBuild, use_destroyed_stream},
  };
}

}  // namespace tutti::cuda
