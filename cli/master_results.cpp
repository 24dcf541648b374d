// SPDX-License-Identifier: Apache-2.0
#include "cli/master_results.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/report/terminal_text.hpp"

namespace tutti::cli {

MasterResults::MasterResults(const Manifest& manifest, const std::vector<int>& own_shard, int shard,
                             ProgressDisplay& display)
    : display_(display) {
  for (std::size_t i = 0; i < manifest.items.size(); ++i) {
    if (own_shard[i] != shard) continue;
    left_.insert(&manifest.items[i]);
    seconds_ += manifest.items[i].seconds;
  }
}

void MasterResults::take(const CatalogueItem& item, const ItemResult& result) {
  const bool failed = result.status == ItemResult::Status::failed;
  entries_.push_back({&item, result.status, result.input_changed,
                      failed ? std::make_unique<ItemResult>(result) : nullptr});
  left_.erase(&item);
  seconds_done_ += item.seconds;
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start_;
  const std::size_t items = entries_.size() + left_.size();
  Progress progress;
  progress.stage = fmt::format("{}/{} items, {:.1f} h", entries_.size(), items, seconds_done_ / 3600);
  const bool by_time = seconds_ > 0;
  progress.done = by_time ? static_cast<Frames>(seconds_done_) : static_cast<Frames>(entries_.size());
  progress.total = by_time ? static_cast<Frames>(seconds_) : static_cast<Frames>(items);
  if (by_time && elapsed.count() > 0) progress.realtime_factor = seconds_done_ / elapsed.count();
  if (progress.done > 0)
    progress.eta_s = elapsed.count() * static_cast<double>(progress.total - progress.done) /
                     static_cast<double>(progress.done);
  display_.show(progress);
  display_.print_event("{\"event\":\"result\"," + result_line(result).substr(1));
  if (failed) display_.print_line("failed: " + printable(item.id) + ": " + printable(result.message));
  if (result.input_changed)
    display_.print_line("warning: " + printable(item.id) +
                        ": the input is not what it was when this output was made, and was mastered "
                        "anew; if nobody changed " +
                        printable(item.input.string()) +
                        ", it is damaged, or the output was another file's of the same name");
}

std::vector<const MasterResults::Entry*> MasterResults::in_order() const {
  std::vector<const Entry*> entries;
  for (const Entry& entry : entries_) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(),
            [](const Entry* a, const Entry* b) { return a->item < b->item; });
  return entries;
}

std::size_t MasterResults::count(ItemResult::Status status) const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(),
                    [&](const Entry& entry) { return entry.status == status; }));
}

std::size_t MasterResults::changed_inputs() const {
  return static_cast<std::size_t>(std::count_if(
      entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.input_changed; }));
}

}  // namespace tutti::cli
