// SPDX-License-Identifier: Apache-2.0
// Streams as queues of closures, and the order of events that a program has established.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "state.hpp"

namespace cudacpu {

/// A point in one stream: after its `count`-th piece of work.
struct Moment {
  std::size_t stream = 0;
  std::uint64_t count = 0;
};

/// For every stream, how much of its work is known to be over: a vector clock. What the program has
/// ordered by events, synchronisations and the rules of the default stream is in it; how the
/// emulation happens to run the queues is not.
class Clock {
 public:
  void merge(const Clock& other);
  void advance(Moment moment);
  bool includes(Moment moment) const;

 private:
  std::vector<std::uint64_t> counts_;
};

/// Everything that some host thread has waited for.
Clock& host_clock();

/// A Moment of a stream as a name that stays valid when the stream is destroyed.
struct StreamPoint {
  std::uint64_t serial = 0;
  std::uint64_t count = 0;
};

struct Queued {
  std::function<void()> run;
  std::vector<StreamPoint> after;  ///< must be reached first
};

struct Capture;

}  // namespace cudacpu

struct CUstream_st {
  std::deque<cudacpu::Queued> queue;
  std::uint64_t enqueued = 0;
  std::uint64_t done = 0;
  bool non_blocking = false;
  std::uint64_t serial = 0;  ///< never used again
  std::size_t index = 0;     ///< in clocks; used again
  cudacpu::Clock clock;
  std::shared_ptr<cudacpu::Capture> capture;  ///< records instead of running
  std::vector<std::size_t> capture_after;     ///< nodes that the next recorded one comes after
};

struct CUevent_st {
  cudacpu::StreamPoint recorded;  ///< count 0: never
  cudacpu::Clock clock;
  std::shared_ptr<std::chrono::steady_clock::time_point> time;
  std::shared_ptr<cudacpu::Capture> capture;
  std::vector<std::size_t> capture_after;
};

namespace cudacpu {

/// The stream behind a handle; null if there is none (reported).
CUstream_st* stream_of(cudaStream_t handle);
std::vector<CUstream_st*>& all_streams();

/// Puts work into the queue and runs what the setting says. No checks: see enqueue().
void push(CUstream_st& stream, std::function<void()> run);
/// Runs `stream` until `count` pieces of its work are done, and first what they wait for.
void drain(CUstream_st& stream, std::uint64_t count);
/// The same by name; a stream that was destroyed had reached everything.
void drain(StreamPoint point);
bool reached(StreamPoint point);
/// Runs one more piece of work of that stream.
void advance_one(StreamPoint point);
void drain_everything();

/// cudaSuccess, or why no call is possible now: the device is lost, or this is a host function.
cudaError_t callable();
std::vector<CUevent_st*>& all_events();

/// Part of a graph that is being recorded; see graphs.cpp.
cudaError_t record_work(CUstream_st& stream, Work work);
void record_event(CUevent_st& event, CUstream_st& stream);
void record_wait(CUstream_st& stream, const CUevent_st& event);
/// An error if a call that waits would wait for a stream that records.
cudaError_t refuse_while_capturing(const CUstream_st& stream, const char* call);
std::size_t graph_count();

}  // namespace cudacpu
