// SPDX-License-Identifier: Apache-2.0
#include "host/engine/remaster_track.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "host/engine/estimate.hpp"
#include "host/engine/host_meter.hpp"
#include "host/engine/remaster_format.hpp"
#include "host/io/damage.hpp"
#include "host/io/write_fault.hpp"

namespace tutti {
namespace {

constexpr const char* kInputStrip = "input";
constexpr double kAbsurdDbfs = 60;  // hot floats reach 20, what was summed from hundreds of them 40
// 23 minutes of stereo at 48 kHz before a signal goes to a file.
constexpr std::uint64_t kSignalBytes = std::uint64_t{512} << 20;

/// Whether what the inserts leave behind lasts longer than what goes in.
bool rings(const std::vector<InsertSpec>& inserts) {
  return std::any_of(inserts.begin(), inserts.end(), [](const InsertSpec& insert) {
    return insert.enabled && (std::holds_alternative<ConvolverSpec>(insert.processor) ||
                              std::holds_alternative<DelaySpec>(insert.processor));
  });
}

}  // namespace

RemasterTrack::RemasterTrack(Backend& backend, const Session& chain, const RemasterInput& input,
                             const RemasterOptions& options, std::uint64_t share)
    : backend_(backend.lend()), input_(input), options_(options), share_(share) {
  reader_ = open_audio(input.file, warnings(),
                       {options.allow_non_finite, /*check_md5=*/true, reads_ahead()});
  refuse_damage();
  result_.info = reader_->info();
  const AudioInfo& info = result_.info;
  const auto layout = layout_of(info.channels, info.wave_mask);
  weights_ = loudness_weights_of(info.channels, info.wave_mask);
  read_metadata_of(input.file);
  // One or two channels are worked on alike, whatever their mask calls them.
  const auto worked_on = layout || info.channels > 2 ? layout : default_layout(info.channels);
  session_ = session_for(chain, worked_on);
  if (!worked_on && !session_.master.inserts.empty())
    throw IoError(
        input.file.string(),
        fmt::format("has {} channels and does not say which; a chain with inserts needs to "
                    "know: leave the inserts out, or fold the file down",
                    info.channels));
  find_deliveries(layout ? layout->wave_mask : info.wave_mask);
}

void RemasterTrack::read() {
  const bool processed = session_.master.gain_db != 0 || !session_.master.inserts.empty() ||
                         !session_.master.automation.empty();
  if (processed) reader_.reset();  // the mix opens it again
  signal_.emplace(processed ? mixed() : decoded());
  reader_.reset();
  refuse_damage();
  refuse_absurd_levels();
}

LongBuffer RemasterTrack::decoded() {
  const Frames frames = result_.info.frames;
  LongBuffer signal(result_.info.channels, place().memory_budget_bytes, place().spill_folder);
  signal.reserve(frames);
  const auto meter = new_meter();
  const Frames block_frames = std::min(backend_->block_frames(), frames);
  const auto block = backend_->allocate(result_.info.channels, block_frames);
  for (Frames first = 0; first < frames; first += block_frames) {
    place().check_stop();
    const TileView tile = block->view().slice(0, std::min(block_frames, frames - first));
    backend_->fill(tile, [&](BlockView view) { reader_->read(first, view); });
    meter->process(tile);
    signal.append(backend_->fetch(tile, host_));
    if (options_.progress) options_.progress(first + tile.frames, frames);
  }
  plain_ = meter->readings();
  result_.before = assemble_measurement(*plain_);
  return signal;
}

MasterTrack RemasterTrack::to_master() {
  const double rate_hz = session_.sample_rate_hz;
  const MasterEdit edit = plan_edit(session_.master, rate_hz, *signal_, 0);
  for (Delivery& delivery : deliveries_) {
    delivery.write.metadata = metadata_;
    delivery.write.metadata_change.from_rate_hz = rate_hz;
    delivery.write.metadata_change.trimmed_frames = edit.begin;
  }
  return {{*backend_, weights_, place(), options_.progress, options_.warnings, true},
          *signal_,
          rate_hz,
          edit,
          deliveries_,
          std::move(plain_)};
}

RemasteredTrack RemasterTrack::finish(std::vector<RenderedOutput> outputs) {
  signal_.reset();
  result_.outputs = std::move(outputs);
  return std::move(result_);
}

/// Passes warnings on; those of damage are kept, for whoever wants only whole files. An impulse
/// response of the chain that is damaged is told of the file that goes through it, by its own name.
WarningSink RemasterTrack::warnings() {
  return [this](Warning warning) {
    if (tells_damage(warning)) {
      const std::filesystem::path file = warning.path;
      if (file != input_.file && file != std::filesystem::absolute(input_.file))
        warning.message =
            fmt::format("the chain's {}: {}", file.filename().string(), warning.message);
      warning.path = input_.file.string();
      if (!damages_.insert(warning.message).second) return;  // the mix opens the file once more
      damage_ = warning.message;
    }
    if (options_.warnings) options_.warnings(warning);
  };
}

void RemasterTrack::refuse_damage() const {
  if (damage_.empty() || options_.allow_damaged) return;
  throw IoError(input_.file.string(),
                damage_ + "; find a whole copy, or take what is there with --allow-damaged");
}

/// One flipped bit of a float can be a sample of 700 dB, under which everything else would vanish.
void RemasterTrack::refuse_absurd_levels() const {
  const auto peak_dbfs = result_.before.sample_peak_dbfs;
  if (peak_dbfs && *peak_dbfs > kAbsurdDbfs)
    throw IoError(
        input_.file.string(),
        fmt::format("peaks {:.0f} dB over full scale: it is damaged, or its floats are scaled "
                    "as whole numbers; find another copy, or scale it",
                    *peak_dbfs));
}

void RemasterTrack::read_metadata_of(const std::filesystem::path& file) {
  std::vector<Warning> warnings;
  metadata_ = std::make_shared<const Metadata>(read_metadata(file, warnings));
  for (const Warning& warning : warnings)
    if (options_.warnings) options_.warnings(warning);
}

Session RemasterTrack::session_for(const Session& chain,
                                   const std::optional<ChannelLayout>& layout) const {
  const AudioInfo& info = result_.info;
  Session session = chain;
  session.sample_rate_hz = info.sample_rate_hz;
  if (layout) session.layout = layout->name;
  StemSpec stem;
  stem.name = kInputStrip;
  stem.clips.emplace_back();
  stem.clips.back().file = std::filesystem::absolute(input_.file).string();
  session.stems.push_back(std::move(stem));
  if (!rings(chain.master.inserts))
    session.end = TimeSpec{static_cast<double>(info.frames), /*in_samples=*/true};
  if (session.outputs.empty()) session.outputs.emplace_back();
  for (std::size_t i = 0; i < session.outputs.size(); ++i) {
    OutputSpec& output = session.outputs[i];
    const bool mirrors = output.file.empty() || output.file.find("{extension}") != output.file.npos;
    const std::filesystem::path& file = input_.outputs.at(i).file;
    const std::string reason = fit_to_container(output, file, info, mirrors);
    if (!reason.empty())
      throw IoError(file.string(), "can not be written: " + reason, IoFault::output);
    // A name that says nothing: the real one may hold anything, braces too.
    output.file = std::to_string(i) + file.extension().string();
  }
  return session;
}

void RemasterTrack::find_deliveries(std::uint32_t wave_mask) {
  const AudioInfo& info = result_.info;
  if (info.frames == 0) throw IoError(input_.file.string(), "holds no audio");
  deliveries_ = resolve_deliveries(session_, {});
  for (std::size_t i = 0; i < deliveries_.size(); ++i) {
    Delivery& delivery = deliveries_[i];
    delivery.write.path = input_.outputs[i].file;
    delivery.write.before_rename = input_.outputs[i].before_rename;
    delivery.write.overwrite = input_.outputs[i].replace;
    delivery.write.adopt_same = true;
    delivery.write.channels = info.channels;
    delivery.write.wave_mask = wave_mask;
    if (const std::string reason = unsupported_reason(delivery.write); !reason.empty())
      throw IoError(delivery.write.path.string(), reason, IoFault::output);
    warn_of_decoding(options_.warnings, session_.outputs[i], delivery.write.path);
    const std::filesystem::path folder = delivery.write.path.parent_path();
    if (const int error = created_.create(folder))
      throw IoError(folder.string(), fmt::format("can not be created: {}", std::strerror(error)),
                    io::write_fault(error));
  }
}

LongBuffer RemasterTrack::mixed() {
  RenderOptions options;
  options.max_memory_bytes = options_.max_memory_bytes;
  options.allow_non_finite = options_.allow_non_finite;
  options.read_ahead = reads_ahead();
  options.stop = options_.stop;
  options.warnings = warnings();
  const double rate_hz = result_.info.sample_rate_hz;
  std::optional<HostMeter> before, after;
  Frames heard = 0;
  const MixListener file = {kInputStrip,
                            [&] {
                              before.emplace(*backend_, rate_hz, weights_);
                              heard = 0;
                            },
                            [&](ConstBlockView block) {  // its tail is not the file's
                              block = block.slice(
                                  0, std::min(block.frames, result_.info.frames - heard));
                              before->take(block);
                              heard += block.frames;
                              if (options_.progress) options_.progress(heard, result_.info.frames);
                            }};
  const MixListener master = {"master", [&] { after.emplace(*backend_, rate_hz, weights_); },
                              [&](ConstBlockView block) { after->take(block); }};
  Session heard_too = session_;
  OutputSpec input;
  input.file = "input.wav";
  input.source = OutputSource::strip;
  input.source_name = kInputStrip;
  heard_too.outputs.push_back(input);
  std::vector<MixListener> listeners = {file};
  if (!backend_->has_own_memory())
    listeners.push_back(master);  // a device is fed longer blocks later
  LongBuffer signal = std::move(mix_master_on(*backend_, heard_too, options, listeners).signal);
  result_.before = assemble_measurement(before->readings());
  if (after) plain_ = after->readings();
  return signal;
}

std::unique_ptr<MeterRunner> RemasterTrack::new_meter() const {
  return backend_->make_meter(result_.info.sample_rate_hz, weights_, {});
}

LongSignalPlace RemasterTrack::place() const {
  RenderOptions options;
  options.max_memory_bytes = options_.max_memory_bytes;
  const std::uint64_t all =
      options_.max_memory_bytes > 0 ? long_signal_budget_bytes(options) : kSignalBytes;
  return {all / share_, deliveries_[0].write.path.parent_path(), options_.stop};
}

}  // namespace tutti
