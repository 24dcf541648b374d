// SPDX-License-Identifier: Apache-2.0
// Warp operations: the last lane to arrive computes for all.
#include <algorithm>
#include <cstdio>

#include "block.hpp"
#include "kernel.hpp"

namespace cudacpu {
namespace {

bool is_reduction(WarpOp op) { return op >= WarpOp::add; }

unsigned reduce(WarpOp op, unsigned a, unsigned b) {
  switch (op) {
    case WarpOp::add:
      return a + b;
    case WarpOp::min:
      return static_cast<unsigned>(std::min(static_cast<int>(a), static_cast<int>(b)));
    case WarpOp::max:
      return static_cast<unsigned>(std::max(static_cast<int>(a), static_cast<int>(b)));
    case WarpOp::umin:
      return std::min(a, b);
    case WarpOp::umax:
      return std::max(a, b);
    case WarpOp::all:
      return a & b;
    case WarpOp::any:
      return a | b;
    default:
      return a ^ b;
  }
}

bool equal(const Payload& a, const Payload& b) { return a.low == b.low && a.high == b.high; }

std::string differs(const Thread& a, unsigned a_lane, const Thread& b, unsigned b_lane) {
  char masks[48];
  std::snprintf(masks, sizeof masks, " (masks %08x and %08x)", a.mask, b.mask);
  return "divergent warp operation: lane " + std::to_string(a_lane) + " in " + name_of(a.op) +
         " at " + to_text(a.place) + ", lane " + std::to_string(b_lane) + " in " + name_of(b.op) +
         " at " + to_text(b.place) + masks;
}

}  // namespace

const char* name_of(WarpOp op) {
  switch (op) {
    case WarpOp::sync:
      return "__syncwarp";
    case WarpOp::shuffle:
      return "__shfl_sync";
    case WarpOp::ballot:
      return "a vote";
    case WarpOp::match_any:
      return "__match_any_sync";
    default:
      return "__reduce_sync";
  }
}

// All lanes of the mask that still live have arrived. Returns what is wrong, or nothing.
std::string BlockRunner::complete_warp_operation(unsigned warp, unsigned mask) {
  const unsigned base = warp * kWarp;
  const unsigned present = mask & live_lanes_[warp];
  std::array<unsigned, kWarp> members;
  unsigned count = 0;
  for (unsigned lane = 0; lane < kWarp; ++lane) {
    if ((present >> lane & 1U) != 0) members[count++] = base + lane;
  }
  const Thread& first = threads_[members[0]];
  const WarpOp op = first.op;
  Payload shared;
  for (unsigned k = 0; k < count; ++k) {
    const Thread& thread = threads_[members[k]];
    if (thread.op != op || thread.mask != mask || thread.place.line != first.place.line ||
        thread.place.file != first.place.file) {
      return differs(first, members[0] % kWarp, thread, members[k] % kWarp);
    }
    if (op == WarpOp::ballot && thread.value.low != 0) {
      shared.low |= std::uint64_t{1} << (members[k] % kWarp);
    } else if (is_reduction(op)) {
      const auto value = static_cast<unsigned>(thread.value.low);
      shared.low = k == 0 ? value : reduce(op, static_cast<unsigned>(shared.low), value);
    }
  }
  for (unsigned k = 0; k < count; ++k) {
    Thread& thread = threads_[members[k]];
    thread.result = shared;
    if (op == WarpOp::shuffle) {
      // A lane that takes no part has no value: poison.
      const auto source = static_cast<unsigned>(thread.source_lane);
      thread.result = (present >> source & 1U) != 0 ? threads_[base + source].value
                                                    : Payload{~std::uint64_t{0}, ~std::uint64_t{0}};
    } else if (op == WarpOp::match_any) {
      for (unsigned j = 0; j < count; ++j) {
        if (equal(threads_[members[j]].value, thread.value)) {
          thread.result.low |= std::uint64_t{1} << (members[j] % kWarp);
        }
      }
    }
  }
  // Only __syncwarp orders memory; shuffles and votes do not.
  if (op == WarpOp::sync) join_histories(members.data(), count);
  waiting_lanes_[warp] &= ~present;
  ++stats().warp_operations;
  if (settings().order == Order::reverse) {
    std::reverse(members.begin(), members.begin() + count);
  } else if (settings().order == Order::random) {
    std::shuffle(members.begin(), members.begin() + count, settings().order_random);
  }
  for (unsigned k = 0; k < count; ++k) make_ready(members[k]);
  return "";
}

bool BlockRunner::release_warps_with_exited_lanes() {
  for (unsigned warp = 0; warp * kWarp < thread_count_; ++warp) {
    for (unsigned lane = 0; lane < kWarp; ++lane) {
      if ((waiting_lanes_[warp] >> lane & 1U) == 0) continue;
      const unsigned mask = threads_[warp * kWarp + lane].mask;
      const unsigned needed = mask & live_lanes_[warp];
      if ((waiting_lanes_[warp] & needed) != needed) continue;
      const std::string wrong = complete_warp_operation(warp, mask);
      if (wrong.empty()) continue;
      mistake(cudaErrorLaunchFailure, wrong);
      return false;
    }
  }
  return true;
}

Payload BlockRunner::warp_operation(unsigned mask, WarpOp op, Payload value, int source_lane,
                                    Place place) {
  Thread& self = threads_[current_];
  const unsigned warp = current_ / kWarp;
  const unsigned bit = 1U << (current_ % kWarp);
  self.place = place;
  self.mask = mask;
  self.op = op;
  self.value = value;
  self.source_lane = source_lane;
  become_nobody();
  if ((mask & bit) == 0) {
    give_up(std::string(name_of(op)) + " at " + to_text(place) +
            ": the calling lane is not in the mask");
  }
  self.state = ThreadState::in_warp_operation;
  waiting_lanes_[warp] |= bit;
  const unsigned needed = mask & live_lanes_[warp];
  if ((waiting_lanes_[warp] & needed) == needed) {
    const std::string wrong = complete_warp_operation(warp, mask);
    if (!wrong.empty()) give_up(wrong);
  }
  wait_for_others();
  return self.result;
}

Payload warp_operation(unsigned mask, WarpOp op, Payload value, int source_lane, Place place) {
  need_kernel(name_of(op));
  return block_runner().warp_operation(mask, op, value, source_lane, place);
}

}  // namespace cudacpu
