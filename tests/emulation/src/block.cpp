// SPDX-License-Identifier: Apache-2.0
#include "block.hpp"

#include <algorithm>
#include <cstdio>

#include "kernel.hpp"
#include "sanitizers.hpp"

uint3 threadIdx;
uint3 blockIdx;
dim3 blockDim;
dim3 gridDim;

namespace cudacpu {
namespace {

// Happens-before tokens of TSan: the launch before its threads, its threads before what follows.
char launch_token;
char end_token;

// Not a static local: its guard would be asked at every barrier.
BlockRunner* the_runner = nullptr;

#ifdef CUDACPU_THREAD_SANITIZER
// Stacks are used again by threads that are concurrent in the model.
constexpr std::size_t kForgottenStackBytes = 16 << 10;

// Not snprintf: TSan watches what that writes, and stacks here are shared by many "threads".
char* append(char* to, const char* text) {
  while (*text != '\0') *to++ = *text++;
  *to = '\0';
  return to;
}
char* append(char* to, unsigned number) {
  if (number > 9) to = append(to, number / 10);
  *to++ = static_cast<char>('0' + number % 10);
  *to = '\0';
  return to;
}
char* append(char* to, uint3 index) {
  to = append(append(append(to, "("), index.x), ",");
  to = append(append(append(to, index.y), ","), index.z);
  return append(to, ")");
}

void* new_tsan_thread(uint3 thread) {
  void* made = __tsan_create_fiber(1);
  char name[96];
  append(append(append(append(name, "block"), blockIdx), " thread"), thread);
  __tsan_set_fiber_name(made, name);
  return made;
}
#endif

}  // namespace

BlockRunner& block_runner() {
  if (the_runner == nullptr) the_runner = new BlockRunner;
  return *the_runner;
}

void BlockRunner::begin_launch(dim3 block, const std::function<void()>& body) {
  body_ = &body;
  thread_count_ = block.x * block.y * block.z;
  queue_.reserve(kMostThreads);
  for (unsigned t = 0; t < thread_count_; ++t) {
    threads_[t].index = {t % block.x, t / block.x % block.y, t / (block.x * block.y)};
  }
#ifdef CUDACPU_THREAD_SANITIZER
  host_tsan_ = __tsan_get_current_fiber();
#endif
  release(&launch_token);
}

void BlockRunner::end_launch() {
  // The next launch may come from another host thread, and a context must not move between them.
  for (Fibre* fibre : begun_) pool_.give_back(fibre);
  begun_.clear();
  idle_.clear();
  stats().switches += switches_;
  switches_ = 0;
  acquire(&end_token);
}

bool BlockRunner::run_block() {
  finished_ = 0;
  at_barrier_ = 0;
  predicates_ = 0;
  failed_ = false;
  for (unsigned t = 0; t < thread_count_; ++t) {
    threads_[t].state = ThreadState::fresh;
    threads_[t].fibre = nullptr;
  }
  for (unsigned warp = 0; warp * kWarp < thread_count_; ++warp) {
    const unsigned lanes = std::min(thread_count_ - warp * kWarp, kWarp);
    live_lanes_[warp] = lanes == kWarp ? ~0U : (1U << lanes) - 1U;
    waiting_lanes_[warp] = 0;
  }
  choose_order();
  queue_.assign(order_.begin(), order_.begin() + thread_count_);
  head_ = 1;
  leave_for(queue_.front(), host_);
  if (failed_) abandon_waiting();
#ifdef CUDACPU_THREAD_SANITIZER
  for (void* ended : ended_tsan_) __tsan_destroy_fiber(ended);
  ended_tsan_.clear();
#endif
  return !failed_;
}

void BlockRunner::fibre_entry() {
  begin_fibre();
  block_runner().run_threads();
  __builtin_unreachable();
}

// A fibre's life: run fresh threads one after another on this stack, until one waits and takes the
// stack with it, or until it is others' turn.
void BlockRunner::run_threads() {
  Fibre& self = *running_;
  for (;;) {
    run_thread();
    finish_thread();
    unsigned next = 0;
    if (!next_thread(next)) {
      idle_.push_back(&self);
      switch_fibre(self, host_);
    } else if (threads_[next].state == ThreadState::fresh) {
      become(next);
    } else {
      idle_.push_back(&self);
      leave_for(next, self);
    }
    running_ = &self;
  }
}

void BlockRunner::run_thread() {
#ifdef CUDACPU_THREAD_SANITIZER
  char* here = static_cast<char*>(__builtin_frame_address(0));
  forget_accesses(here - kForgottenStackBytes, kForgottenStackBytes);
#endif
  acquire(&launch_token);
  threads_[current_].state = ThreadState::ready;
  (*body_)();
}

void BlockRunner::finish_thread() {
  release(&end_token);
  become_nobody();
  Thread& thread = threads_[current_];
  thread.state = ThreadState::done;
  ++finished_;
  live_lanes_[current_ / kWarp] &= ~(1U << (current_ % kWarp));
#ifdef CUDACPU_THREAD_SANITIZER
  ended_tsan_.push_back(thread.tsan);
#endif
}

void BlockRunner::become(unsigned thread) {
  current_ = thread;
  threadIdx = threads_[thread].index;
#ifdef CUDACPU_THREAD_SANITIZER
  Thread& self = threads_[thread];
  if (self.state == ThreadState::fresh) self.tsan = new_tsan_thread(self.index);
  __tsan_switch_to_fiber(self.tsan, 1);
#endif
}

// The scheduler allocates and frees, which TSan sees as acts of whoever runs: of the host, then.
void BlockRunner::become_nobody() {
#ifdef CUDACPU_THREAD_SANITIZER
  __tsan_switch_to_fiber(host_tsan_, 1);
#endif
}

// From the fibre of a thread that waits or has ended, or from the host, to the thread whose turn it
// is.
void BlockRunner::leave_for(unsigned next, Fibre& from) {
  Fibre* to = threads_[next].fibre;
  if (threads_[next].state == ThreadState::fresh) {
    if (idle_.empty()) {
      to = pool_.take(fibre_entry);
      begun_.push_back(to);
    } else {
      to = idle_.back();
      idle_.pop_back();
    }
  }
  ++switches_;
  become(next);
  running_ = to;
  if (to != &from) switch_fibre(from, *to);
}

void BlockRunner::wait_for_others() {
  become_nobody();
  Thread& self = threads_[current_];
  const unsigned me = current_;
  Fibre& fibre = *running_;
  self.fibre = &fibre;
  unsigned next = 0;
  if (!next_thread(next)) {
    switch_fibre(fibre, host_);  // after a mistake: nobody comes back
    __builtin_unreachable();
  }
  if (next == me) {
    become(me);
  } else {
    leave_for(next, fibre);
  }
  running_ = &fibre;
}

// Whose turn it is; false when everyone has ended, or nobody ever will.
bool BlockRunner::next_thread(unsigned& next) {
  while (head_ == queue_.size()) {
    if (finished_ == thread_count_) return false;
    if (!unblock()) {
      failed_ = true;
      return false;
    }
  }
  next = queue_[head_++];
  return true;
}

// Nobody can run: opens the barrier, or finishes warp operations whose missing lanes have ended.
bool BlockRunner::unblock() {
  queue_.clear();
  head_ = 0;
  if (at_barrier_ > 0 && at_barrier_ + finished_ == thread_count_) return release_barrier();
  if (!release_warps_with_exited_lanes()) return false;
  if (head_ < queue_.size()) return true;
  mistake(cudaErrorLaunchFailure,
          "deadlock in block " + to_text(blockIdx) + ":" + describe_waiting());
  return false;
}

bool BlockRunner::release_barrier() {
  const unsigned first_waiting = static_cast<unsigned>(
      std::find_if(threads_.begin(), threads_.end(),
                   [](const Thread& t) { return t.state == ThreadState::at_barrier; }) -
      threads_.begin());
  const Place first = threads_[first_waiting].place;
  const bool one_place =
      std::all_of(threads_.begin(), threads_.begin() + thread_count_, [&](const Thread& t) {
        return t.state == ThreadState::done ||
               (t.place.line == first.line && t.place.file == first.file);
      });
  if (!one_place || finished_ > 0) {
    mistake(cudaErrorLaunchFailure,
            std::string(one_place ? "threads left the kernel before a barrier of the block"
                                  : "threads of one block wait at different barriers") +
                describe_waiting());
    return false;
  }
  join_histories(order_.data(), thread_count_);
  if (settings().order == Order::random) choose_order();
  for (unsigned k = 0; k < thread_count_; ++k) make_ready(order_[k]);
  barrier_result_ = predicates_;
  predicates_ = 0;
  at_barrier_ = 0;
  ++stats().barriers;
  return true;
}

void BlockRunner::make_ready(unsigned thread) {
  threads_[thread].state = ThreadState::ready;
  queue_.push_back(thread);
}

int BlockRunner::barrier(bool predicate, Place place) {
  Thread& self = threads_[current_];
  self.place = place;
  self.state = ThreadState::at_barrier;
  ++at_barrier_;
  predicates_ += predicate ? 1 : 0;
  wait_for_others();
  return barrier_result_;
}

void BlockRunner::give_up(const std::string& message) {
  failed_ = true;
  become(current_);
  finish_thread();
  mistake(cudaErrorLaunchFailure,
          "block " + to_text(blockIdx) + " thread " + to_text(threadIdx) + ": " + message);
  switch_fibre(*running_, host_);
  __builtin_unreachable();
}

// What happened before in any of these threads is visible to all of them from here on: TSan only.
void BlockRunner::join_histories([[maybe_unused]] const unsigned* members,
                                 [[maybe_unused]] unsigned count) {
#ifdef CUDACPU_THREAD_SANITIZER
  auto* token =
      new char[8];  // a new one each time: tokens remember everyone who ever released them
  for (unsigned k = 0; k < count; ++k) {
    __tsan_switch_to_fiber(threads_[members[k]].tsan, 1);
    __tsan_release(token);
  }
  for (unsigned k = 0; k < count; ++k) {
    __tsan_switch_to_fiber(threads_[members[k]].tsan, 1);
    __tsan_acquire(token);
  }
  become_nobody();
  delete[] token;
#endif
}

void BlockRunner::choose_order() {
  Settings& now = settings();
  for (unsigned i = 0; i < thread_count_; ++i) {
    order_[i] = now.order == Order::reverse ? thread_count_ - 1 - i : i;
  }
  if (now.order != Order::random) return;
  for (unsigned i = thread_count_; i > 1; --i) {
    std::swap(order_[i - 1], order_[now.order_random() % i]);
  }
}

void BlockRunner::abandon_waiting() {
#ifdef CUDACPU_THREAD_SANITIZER
  for (unsigned t = 0; t < thread_count_; ++t) {
    const ThreadState state = threads_[t].state;
    if (state == ThreadState::fresh || state == ThreadState::done) continue;
    __tsan_switch_to_fiber(threads_[t].tsan, 1);
    __tsan_release(&end_token);
    __tsan_switch_to_fiber(host_tsan_, 1);
  }
#endif
  idle_.clear();
}

std::string BlockRunner::describe_waiting() const {
  struct Group {
    std::string what;
    unsigned count;
    unsigned first;
  };
  std::vector<Group> groups;
  for (unsigned t = 0; t < thread_count_; ++t) {
    const Thread& thread = threads_[t];
    std::string what = "ended";
    if (thread.state == ThreadState::at_barrier) {
      what = "in __syncthreads at " + to_text(thread.place);
    } else if (thread.state == ThreadState::in_warp_operation) {
      char mask[16];
      std::snprintf(mask, sizeof mask, "%08x", thread.mask);
      what = std::string("in ") + name_of(thread.op) + " at " + to_text(thread.place) +
             " with mask " + mask;
    }
    const auto same = std::find_if(groups.begin(), groups.end(),
                                   [&](const Group& group) { return group.what == what; });
    if (same == groups.end()) {
      groups.push_back({what, 1, t});
    } else {
      ++same->count;
    }
  }
  std::string text;
  for (const Group& group : groups) {
    text += "\n    " + std::to_string(group.count) + " thread(s), the first of them number " +
            std::to_string(group.first) + ": " + group.what;
  }
  return text;
}

int block_barrier(bool predicate, Place place) {
  need_kernel("__syncthreads");
  return block_runner().barrier(predicate, place);
}

}  // namespace cudacpu
