// SPDX-License-Identifier: Apache-2.0
#include "kernels/stem_store.hpp"

#include <tbb/parallel_for.h>
#include <tbb/partitioner.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <exception>
#include <map>
#include <mutex>
#include <stdexcept>

#include "kernels/stem_batch.hpp"
#include "kernels/stem_slabs.hpp"

namespace tutti::cuda {
namespace {

// A call is cut into about this many slabs: while one is read, others are copied and unpacked.
constexpr std::size_t kSlabsPerCall = 4;
// Positions in a slab are 32 bits wide on the device.
constexpr std::size_t kMaxSlabBytes = std::size_t{1} << 30;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Calls work(0 … count − 1), on several threads if `parallel`, and then throws the first error in
/// the order of the index: the same whatever the threads do. Threads that wait here take no other
/// work of the caller, which might wait for this one.
template <typename Work>
void for_each_index(std::size_t count, bool parallel, const Work& work) {
  std::vector<std::exception_ptr> errors(count);
  const auto guarded = [&](std::size_t i) {
    try {
      work(i);
    } catch (...) {
      errors[i] = std::current_exception();
    }
  };
  if (parallel && count > 1) {
    tbb::this_task_arena::isolate(
        [&] { tbb::parallel_for(std::size_t{0}, count, guarded, tbb::simple_partitioner()); });
  } else {
    for (std::size_t i = 0; i < count; ++i) guarded(i);
  }
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

/// One call's requests, and which of them share a stem: a stem is read by one thread at a time.
struct Call {
  std::span<const StemStore::Request> requests;
  std::vector<DeviceBlock> outs;
  std::vector<std::vector<std::size_t>> stems;  ///< requests of each stem
  std::vector<std::size_t> stem_of;             ///< for each request

  explicit Call(std::span<const StemStore::Request> from) : requests(from) {
    std::map<const StemSource*, std::size_t> index;
    for (std::size_t r = 0; r < from.size(); ++r) {
      const auto [found, is_new] = index.try_emplace(from[r].stem, stems.size());
      if (is_new) stems.emplace_back();
      stems[found->second].push_back(r);
      stem_of.push_back(found->second);
      outs.push_back(from[r].out);
    }
  }
};

class DeviceStemStore : public StemStore {
 public:
  DeviceStemStore(SharedDevice device, const StemStoreOptions& options)
      : device_(std::move(device)),
        options_(options),
        residency_(*device_, options.resident_bytes),
        slabs_(*device_, {options.slabs, std::min(options.smallest_slab_bytes, options.slab_bytes)},
               [this] { return make_room(); }) {
    if (options.slab_bytes > kMaxSlabBytes) throw std::logic_error("StemStore: slabs too large");
  }

  void assemble(Frames first, std::span<const Request> requests) override {
    const Call call(requests);
    const std::vector<StemCell> whole = collect(first, call);
    std::size_t bytes = 0;
    for (const StemCell& cell : whole) bytes += cell.bytes();
    std::size_t limit_bytes = slab_bytes_for(bytes);
    std::deque<StemCell> cells = cut(whole, limit_bytes);
    while (!cells.empty()) run_batch(call, cells, limit_bytes);
  }

  void set_resident_budget(std::size_t bytes) override { residency_.set_budget(bytes); }

  StemStatistics statistics() const override {
    const std::lock_guard<std::mutex> lock(statistics_mutex_);
    StemStatistics result = statistics_;
    result.resident_pieces = residency_.pieces();
    result.resident_bytes = residency_.bytes();
    return result;
  }

 private:
  std::size_t slab_bytes_for(std::size_t work_bytes) const {
    return std::clamp(std::bit_ceil(work_bytes / kSlabsPerCall),
                      std::min(options_.smallest_slab_bytes, options_.slab_bytes),
                      options_.slab_bytes);
  }

  /// Asks every stem what sounds.
  std::vector<StemCell> collect(Frames first, const Call& call) {
    std::vector<StemCell> cells(call.requests.size());
    for_each_index(call.stems.size(), options_.parallel, [&](std::size_t s) {
      for (const std::size_t r : call.stems[s]) {
        const Request& request = call.requests[r];
        cells[r] = {r, 0, request.out.frames, UnpackStart::silence,
                    request.stem->pieces(first, request.out.frames)};
        std::erase_if(cells[r].pieces, [](const StemPiece& piece) { return piece.frames <= 0; });
        // The CPU hands such a stem over as it is; so −0 stays −0 here too.
        const std::vector<StemPiece>& pieces = cells[r].pieces;
        if (pieces.size() == 1 && pieces[0].frames == request.out.frames &&
            pieces[0].channels == request.out.channels && pieces[0].envelope().plain())
          cells[r].start = UnpackStart::untouched;
      }
    });
    return cells;
  }

  /// Reads, copies and unpacks the first cells, as many as one slab brings.
  void run_batch(const Call& call, std::deque<StemCell>& cells, std::size_t& limit_bytes) {
    StemResidency* const residency = residency_.keeps_anything() ? &residency_ : nullptr;
    StemBatch batch;
    for (const StemCell& cell : cells)
      if (!batch.add(cell, residency, limit_bytes)) break;
    if (batch.cells() == 0) return halve_first(cells);
    if (batch.bytes() > 0) {
      const auto start = std::chrono::steady_clock::now();
      const StemSlabs::Lease slab = slabs_.take(limit_bytes);
      count([&](StemStatistics& statistics) { statistics.waiting_s += seconds_since(start); });
      if (slab->size() < batch.bytes()) {  // there is no memory for more
        limit_bytes = slab->size();
        return;
      }
      read(call, batch, slab->pinned.host());
      submit(call, batch, slab.operator->());
    } else {
      submit(call, batch, nullptr);
    }
    cells.erase(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(batch.cells()));
    count([&](StemStatistics& statistics) {
      statistics.pieces_read += batch.reads().size();
      statistics.pieces_hit += batch.pieces() - batch.reads().size();
    });
  }

  void read(const Call& call, const StemBatch& batch, std::span<std::byte> to) {
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::vector<const StemBatch::Read*>> by_stem(call.stems.size());
    std::size_t bytes = 0;
    for (const StemBatch::Read& read : batch.reads()) {
      by_stem[call.stem_of[read.request]].push_back(&read);
      bytes += read.piece.bytes();
    }
    for_each_index(by_stem.size(), options_.parallel, [&](std::size_t s) {
      for (const StemBatch::Read* read : by_stem[s])
        call.requests[read->request].stem->read_piece(read->piece,
                                                      to.data() + batch.slab_offset(*read));
    });
    count([&](StemStatistics& statistics) {
      statistics.read_bytes += bytes;
      statistics.reading_s += seconds_since(start);
    });
  }

  /// Queues the copy of a slab (if any) and the launch.
  void submit(const Call& call, const StemBatch& batch, StemSlab* slab) {
    const Device::Queue queue(*device_);
    std::shared_ptr<PackedBlock> block;
    const std::byte* kept = nullptr;
    const std::byte* others = nullptr;
    if (slab) {
      if (batch.kept_bytes() > 0) block = residency_.make_block(batch.kept_bytes());
      kept = block ? block->data() : slab->device.data();
      others = slab->device.data() + batch.kept_bytes();
      upload_slab(batch, *slab, block.get());
    }
    const UnpackList list = batch.unpack_list(call.outs, kept, others);
    try {
      list.queue(*device_);
    } catch (const DeviceMemoryError&) {  // the lists found no room
      if (!residency_.clear()) throw;
      list.queue(*device_);
    }
    if (slab) slab->unpacked.record(device_->compute());
    if (block) residency_.keep(block, batch.kept());
  }

  void upload_slab(const StemBatch& batch, StemSlab& slab, const PackedBlock* block) {
    const Stream& stream = device_->upload_stream();
    const std::size_t kept = block ? batch.kept_bytes() : 0, all = batch.bytes();
    if (block)
      upload(stream, slab.pinned.span().subspan(0, kept),
             DeviceSpan<std::byte>(block->data(), kept));
    if (all > kept) {
      stream.wait(slab.unpacked);
      upload(stream, slab.pinned.span().subspan(kept, all - kept),
             slab.device.span().subspan(kept, all - kept));
    }
    slab.copied.record(stream);
    device_->compute_stream().wait(slab.copied);
    count([&](StemStatistics& statistics) { statistics.uploaded_bytes += all; });
  }

  /// Gives up what was only kept for later.
  bool make_room() {
    if (!residency_.clear()) return false;
    device_->synchronize();  // what was freed is free when the queued work is done
    return true;
  }

  template <typename Change>
  void count(const Change& change) {
    const std::lock_guard<std::mutex> lock(statistics_mutex_);
    change(statistics_);
  }

  SharedDevice device_;
  StemStoreOptions options_;
  mutable std::mutex statistics_mutex_;
  StemStatistics statistics_;
  StemResidency residency_;
  StemSlabs slabs_;
};

}  // namespace

std::shared_ptr<StemStore> make_stem_store(SharedDevice device, const StemStoreOptions& options) {
  return std::make_shared<DeviceStemStore>(std::move(device), options);
}

std::shared_ptr<StemStore> make_stem_store(SharedDevice device) {
  return make_stem_store(std::move(device), {});
}

}  // namespace tutti::cuda
