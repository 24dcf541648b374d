// SPDX-License-Identifier: Apache-2.0
// One block of threads: who runs, who waits for what, and how everyone comes to the end.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "fibres.hpp"
#include "state.hpp"

namespace cudacpu {

inline constexpr unsigned kMostThreads = 1024;
inline constexpr unsigned kWarp = 32;

enum class ThreadState : unsigned char { fresh, ready, at_barrier, in_warp_operation, done };

struct Thread {
  uint3 index{};
  ThreadState state = ThreadState::fresh;
  Fibre* fibre = nullptr;  ///< only between its first wait and its end
  Place place;             ///< of the operation that it waits in
  unsigned mask = 0;
  WarpOp op = WarpOp::sync;
  int source_lane = 0;
  Payload value;
  Payload result;
  void* tsan = nullptr;
};

/// Runs the blocks of one launch after another, and within a block its threads: in the set order,
/// each until it waits or ends. A thread that never waits costs a function call: it runs on the
/// stack where the one before it ended. One that waits keeps that stack, and the next gets another.
class BlockRunner {
 public:
  void begin_launch(dim3 block, const std::function<void()>& body);
  /// False after a mistake that ends the kernel; the threads that still waited are abandoned.
  bool run_block();
  void end_launch();

  // Called by the thread that runs.
  int barrier(bool predicate, Place place);
  Payload warp_operation(unsigned mask, WarpOp op, Payload value, int source_lane, Place place);
  /// A mistake of this thread ends the kernel.
  [[noreturn]] void give_up(const std::string& message);

 private:
  static void fibre_entry();
  void run_threads();
  void run_thread();
  void finish_thread();
  void become(unsigned thread);
  void become_nobody();
  void wait_for_others();
  void leave_for(unsigned next, Fibre& from);
  bool next_thread(unsigned& next);
  bool unblock();
  bool release_barrier();
  bool release_warps_with_exited_lanes();
  std::string complete_warp_operation(unsigned warp, unsigned mask);
  void make_ready(unsigned thread);
  void choose_order();
  std::string describe_waiting() const;
  void abandon_waiting();
  void join_histories(const unsigned* members, unsigned count);

  std::array<Thread, kMostThreads> threads_;
  std::array<unsigned, kMostThreads> order_{};
  std::array<unsigned, kMostThreads / kWarp> waiting_lanes_{};
  std::array<unsigned, kMostThreads / kWarp> live_lanes_{};
  std::vector<unsigned> queue_;  ///< who can run, in this order, from head_
  std::size_t head_ = 0;
  unsigned thread_count_ = 0;
  unsigned current_ = 0;
  unsigned finished_ = 0;
  unsigned at_barrier_ = 0;
  int predicates_ = 0;      ///< true ones at the barrier that fills
  int barrier_result_ = 0;  ///< of the barrier that opened last
  bool failed_ = false;
  const std::function<void()>* body_ = nullptr;
  FibrePool pool_;
  Fibre host_;
  std::vector<Fibre*> idle_;   ///< begun, and waiting for a fresh thread
  std::vector<Fibre*> begun_;  ///< in this launch
  Fibre* running_ = nullptr;
  std::uint64_t switches_ = 0;
  std::vector<void*> ended_tsan_;
  void* host_tsan_ = nullptr;
};

/// The one runner, which the one lock protects.
BlockRunner& block_runner();

const char* name_of(WarpOp op);

}  // namespace cudacpu
