// SPDX-License-Identifier: Apache-2.0
// Graphs by stream capture. A graph keeps which node comes after which, so that a launch may run
// the nodes in any order that the recording allows: a missing event shows here too.
#include <algorithm>

#include "memory.hpp"
#include "streams.hpp"

namespace cudacpu {

struct Node {
  Work work;
  std::vector<std::size_t> after;
};

struct Capture {
  CUstream_st* origin = nullptr;
  std::vector<Node> nodes;
  std::vector<CUstream_st*> streams;
  bool failed = false;
};

}  // namespace cudacpu

struct CUgraph_st {
  std::vector<cudacpu::Node> nodes;
};
struct CUgraphExec_st {
  std::shared_ptr<const std::vector<cudacpu::Node>> nodes;
};

namespace cudacpu {
namespace {

std::size_t graphs_alive = 0;

void join(CUstream_st& stream, const std::shared_ptr<Capture>& capture) {
  if (stream.capture) return;
  stream.capture = capture;
  stream.capture_after.clear();
  capture->streams.push_back(&stream);
}

void add_nodes(std::vector<std::size_t>& nodes, const std::vector<std::size_t>& more) {
  for (const std::size_t node : more) {
    if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
  }
}

// Which of the nodes that could run now does: the first, the last, or any.
std::size_t choose(std::size_t count) {
  Settings& now = settings();
  if (now.streams == Streams::eager) return 0;
  if (now.streams == Streams::late) return count - 1;
  return now.stream_random() % count;
}

void run_nodes(const std::vector<Node>& nodes) {
  std::vector<bool> done(nodes.size(), false);
  for (std::size_t ran = 0; ran < nodes.size(); ++ran) {
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto& after = nodes[i].after;
      if (!done[i] && std::all_of(after.begin(), after.end(), [&](auto n) { return done[n]; })) {
        ready.push_back(i);
      }
    }
    const std::size_t next = ready[choose(ready.size())];
    if (lost_device() == cudaSuccess) nodes[next].work.run();
    done[next] = true;
  }
}

}  // namespace

cudaError_t record_work(CUstream_st& stream, Work work) {
  Capture& capture = *stream.capture;
  capture.nodes.push_back({std::move(work), stream.capture_after});
  stream.capture_after = {capture.nodes.size() - 1};
  return cudaSuccess;
}

void record_event(CUevent_st& event, CUstream_st& stream) {
  event.capture = stream.capture;
  event.capture_after = stream.capture_after;
}

void record_wait(CUstream_st& stream, const CUevent_st& event) {
  join(stream, event.capture);
  add_nodes(stream.capture_after, event.capture_after);
}

cudaError_t refuse_while_capturing(const CUstream_st& stream, const char* call) {
  if (!stream.capture) return cudaSuccess;
  stream.capture->failed = true;
  return mistake(cudaErrorStreamCaptureUnsupported,
                 std::string(call) + " of a stream that records a graph");
}

std::size_t graph_count() { return graphs_alive; }

}  // namespace cudacpu

using cudacpu::api_mutex;
using cudacpu::Lock;

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  if (cudacpu::stream_of(stream) == nullptr) return cudaErrorInvalidResourceHandle;
  if (stream == nullptr || stream == cudaStreamLegacy || stream->capture) {
    return cudacpu::mistake(cudaErrorStreamCaptureUnsupported,
                            "capture of the default stream, or of one that records already");
  }
  auto capture = std::make_shared<cudacpu::Capture>();
  capture->origin = stream;
  cudacpu::join(*stream, capture);
  return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  *graph = nullptr;
  if (cudacpu::stream_of(stream) == nullptr) return cudaErrorInvalidResourceHandle;
  const auto capture = stream->capture;
  if (!capture || capture->origin != stream) {
    return cudacpu::mistake(cudaErrorStreamCaptureUnsupported,
                            "end of a capture on another stream than it began");
  }
  // Everything recorded must come before what the first stream holds now.
  std::vector<bool> before(capture->nodes.size(), false);
  std::vector<std::size_t> open = stream->capture_after;
  while (!open.empty()) {
    const std::size_t node = open.back();
    open.pop_back();
    if (before[node]) continue;
    before[node] = true;
    cudacpu::add_nodes(open, capture->nodes[node].after);
  }
  for (CUstream_st* member : capture->streams) {
    member->capture.reset();
    member->capture_after.clear();
  }
  if (capture->failed) return cudacpu::refuse(cudaErrorStreamCaptureInvalidated);
  if (std::find(before.begin(), before.end(), false) != before.end()) {
    return cudacpu::mistake(cudaErrorStreamCaptureUnjoined,
                            "a recorded stream was not joined to the first one by an event");
  }
  *graph = new CUgraph_st{std::move(capture->nodes)};
  ++cudacpu::graphs_alive;
  return cudaSuccess;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t handle, cudaStreamCaptureStatus* status) {
  const Lock lock(api_mutex());
  const CUstream_st* stream = cudacpu::stream_of(handle);
  if (stream == nullptr) return cudaErrorInvalidResourceHandle;
  *status = !stream->capture          ? cudaStreamCaptureStatusNone
            : stream->capture->failed ? cudaStreamCaptureStatusInvalidated
                                      : cudaStreamCaptureStatusActive;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long) {
  const Lock lock(api_mutex());
  if (const cudaError_t error = cudacpu::callable()) return error;
  *executable =
      new CUgraphExec_st{std::make_shared<const std::vector<cudacpu::Node>>(graph->nodes)};
  ++cudacpu::graphs_alive;
  return cudaSuccess;
}

cudaError_t cudaGraphUpload(cudaGraphExec_t, cudaStream_t) { return cudacpu::callable(); }

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  cudacpu::Work work;
  for (const cudacpu::Node& node : *executable->nodes) {
    work.uses.insert(work.uses.end(), node.work.uses.begin(), node.work.uses.end());
  }
  work.run = [nodes = executable->nodes] { cudacpu::run_nodes(*nodes); };
  return cudacpu::enqueue(stream, std::move(work));
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  const Lock lock(api_mutex());
  delete executable;
  --cudacpu::graphs_alive;
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  const Lock lock(api_mutex());
  delete graph;
  --cudacpu::graphs_alive;
  return cudaSuccess;
}
