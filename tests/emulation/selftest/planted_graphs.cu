// SPDX-License-Identifier: Apache-2.0
// Graphs by capture: events that are missing in what was recorded, and calls that may not be there.
#include <memory>

#include "tests/emulation/selftest/planted.hpp"

namespace tutti::cuda {
namespace {

__global__ void fill(float* out, float value, unsigned count) {
  if (threadIdx.x < count) out[threadIdx.x] = value;
}

__global__ void add_one(float* out, const float* in, unsigned count) {
  if (threadIdx.x < count) out[threadIdx.x] = in[threadIdx.x] + 1.0F;
}

class Graph {
 public:
  explicit Graph(cudaStream_t recorded) {
    check(cudaStreamEndCapture(recorded, &graph_), "cudaStreamEndCapture");
    check(cudaGraphInstantiate(&executable_, graph_, 0), "cudaGraphInstantiate");
  }
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;
  ~Graph() {
    ignore(cudaGraphExecDestroy(executable_));
    ignore(cudaGraphDestroy(graph_));
  }
  void launch(cudaStream_t stream) const {
    check(cudaGraphLaunch(executable_, stream), "cudaGraphLaunch");
  }

 private:
  cudaGraph_t graph_ = nullptr;
  cudaGraphExec_t executable_ = nullptr;
};

void begin(cudaStream_t stream) {
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
}

// Two streams that fork and join: `first` fills, `second` adds to what it filled.
std::vector<float> record_two_streams(bool with_event, bool joined) {
  const Stream first;
  const Stream second;
  const Event forked;
  const Event filled;
  const Event added;
  const DeviceBuffer<float> between(32);
  const DeviceBuffer<float> out(32);
  clear(first, between.span());
  first.synchronize();
  begin(first);
  forked.record(first);
  second.wait(forked);
  launch(fill, 1, 32, 0, first, between.data(), 5.0F, 32U);
  filled.record(first);
  if (with_event) second.wait(filled);
  launch(add_one, 1, 32, 0, second, out.data(), between.data(), 32U);
  added.record(second);
  if (joined) first.wait(added);
  const Graph graph(first);
  graph.launch(first);
  clear(first, between.span());
  graph.launch(first);
  return host_copy(first, out.span());
}

std::vector<float> synchronise_while_recording() {
  const Stream stream;
  begin(stream);
  stream.synchronize();
  return {};
}

std::vector<float> launch_graph_of_freed_memory() {
  const Stream stream;
  auto memory = std::make_unique<DeviceBuffer<float>>(32);
  begin(stream);
  launch(fill, 1, 32, 0, stream, memory->data(), 1.0F, 32U);
  const Graph graph(stream);
  memory.reset();
  graph.launch(stream);
  stream.synchronize();
  return {};
}

}  // namespace

std::vector<Planted> planted_graphs() {
  return {
      {"RightGraphOfTwoStreams", 0, [] { return record_two_streams(true, true); }},
      {"GraphWithoutEvent", kEveryBuild, [] { return record_two_streams(false, true); }},
      {"GraphNotJoined", kEveryBuild, [] { return record_two_streams(true, false); }},
      {"SynchronisedWhileRecording", kEveryBuild, synchronise_while_recording},
      {"GraphOfFreedMemory", kEveryBuild, launch_graph_of_freed_memory},
  };
}

}  // namespace tutti::cuda
