// SPDX-License-Identifier: Apache-2.0
#include "host/roofline/ledger.hpp"

#include <algorithm>

namespace tutti::roofline {

Counts& Counts::operator+=(const Counts& more) {
  for (const auto& [kernel, cost] : more.kernels) kernels[kernel] += cost;
  stem_bytes += more.stem_bytes;
  sent_bytes += more.sent_bytes;
  fetched_bytes += more.fetched_bytes;
  cleared_bytes += more.cleared_bytes;
  copied_bytes += more.copied_bytes;
  return *this;
}

void Ledger::hold(Frames bytes) {
  held_ += bytes;
  scratch(0);
}

void Ledger::scratch(Frames bytes) {
  memory_.working_bytes =
      std::max(memory_.working_bytes, static_cast<std::uint64_t>(held_ + bytes));
}

void Ledger::stems_resident(std::uint64_t bytes) {
  memory_.resident_bytes = std::max(memory_.resident_bytes, bytes);
}

void Ledger::slabs(std::uint64_t bytes) {
  memory_.slab_bytes = std::max(memory_.slab_bytes, bytes);
}

}  // namespace tutti::roofline
