// SPDX-License-Identifier: Apache-2.0
// CPU time a sample of files in and out: unpacking alone, whole reads from the page cache (the copy
// included), writing with and without digests, resampling. Least of several runs.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/io/decode.hpp"
#include "host/io/encode.hpp"
#include "host/dsp/pack.hpp"
#include "host/io/stream_resampler.hpp"
#include "host/io/unpack.hpp"

namespace {

using tutti::Buffer;
using tutti::Frames;

constexpr Frames kTile = 65536;

double cpu_ns() {
  timespec now = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double best_ns(int runs, const std::function<void()>& action) {
  double best = INFINITY;
  for (int run = 0; run < runs; ++run) {
    const double start = cpu_ns();
    action();
    best = std::min(best, cpu_ns() - start);
  }
  return best;
}

Buffer material(int channels, Frames frames) {
  Buffer audio(channels, frames);
  for (int c = 0; c < channels; ++c) {
    for (Frames n = 0; n < frames; ++n) {
      const double t = static_cast<double>(n);
      audio.channel(c)[n] =
          static_cast<float>(0.3 * std::sin(0.031 * t + c) + 0.1 * std::sin(0.41 * t * (1 + c)) +
                             0.001 * std::sin(t * t));
    }
  }
  return audio;
}

void bench_unpack() {
  const struct {
    const char* name;
    tutti::StoredFormat format;
  } formats[] = {{"int16", {tutti::SampleKind::signed_integer, 2, false}},
                 {"int24", {tutti::SampleKind::signed_integer, 3, false}},
                 {"int24 big", {tutti::SampleKind::signed_integer, 3, true}},
                 {"int32", {tutti::SampleKind::signed_integer, 4, false}},
                 {"float32", {tutti::SampleKind::floating, 4, false}},
                 {"float64", {tutti::SampleKind::floating, 8, false}}};
  std::printf("unpack, ns/sample  channels: 1      2      4      6      8     16\n");
  for (const auto& [name, format] : formats) {
    std::printf("  %-24s", name);
    for (const int channels : {1, 2, 4, 6, 8, 16}) {
      const Frames frames = 32768 / channels;  // in and out in the second-level cache
      const auto samples = static_cast<std::size_t>(frames * channels);
      std::vector<std::byte> in(samples * static_cast<std::size_t>(format.bytes) +
                                tutti::io::kUnpackSlackBytes);
      Buffer out(channels, frames);
      const double ns = best_ns(200, [&] { tutti::io::unpack(format, in.data(), out.view()); });
      std::printf(" %6.3f", ns / static_cast<double>(samples));
    }
    std::printf("\n");
  }
}

tutti::WriteSpec write_spec(const std::filesystem::path& path, int channels,
                            tutti::Encoding encoding, Frames frames) {
  tutti::WriteSpec spec;
  spec.path = path;
  spec.channels = channels;
  spec.encoding = encoding;
  spec.expected_frames = frames;
  spec.overwrite = true;
  return spec;
}

void write_whole(const tutti::WriteSpec& spec, const Buffer& audio) {
  const auto writer = tutti::open_writer(spec);
  for (Frames n = 0; n < audio.frames(); n += kTile) {
    writer->write(audio.view().slice(n, std::min(kTile, audio.frames() - n)));
  }
  writer->commit();
}

void bench_files(const std::filesystem::path& folder) {
  const Frames frames = 30 * 48000;
  std::printf("read from the page cache, ns/sample\n");
  for (const char* name : {"24 mono.wav", "24 stereo.wav", "24 stereo.aiff", "24 stereo.flac"}) {
    const int channels = std::string(name).find("mono") != std::string::npos ? 1 : 2;
    write_whole(write_spec(folder / name, channels, tutti::Encoding::pcm24, frames),
                material(channels, frames));
    Buffer out(channels, kTile);
    const double ns = best_ns(7, [&] {
      const auto reader = tutti::open_audio(folder / name);
      for (Frames n = 0; n < frames; n += kTile) reader->read(n, out.view());
    });
    std::printf("  %-24s %6.3f\n", name, ns / static_cast<double>(frames * channels));
  }
  std::printf("write 24-bit stereo, ns/sample  no dither   tpdf  shaped   tpdf with digests\n");
  const Buffer audio = material(2, frames);
  for (const char* name : {"out.wav", "out.flac"}) {
    std::printf("  %-28s", name);
    for (const bool digests : {false, true}) {
      for (const auto kind :
           {tutti::DitherKind::none, tutti::DitherKind::tpdf, tutti::DitherKind::shaped}) {
        if (digests && kind != tutti::DitherKind::tpdf) continue;
        auto spec = write_spec(folder / name, 2, tutti::Encoding::pcm24, frames);
        spec.dither = kind;
        spec.digests = digests;
        const double ns = best_ns(5, [&] { write_whole(spec, audio); });
        std::printf(" %8.2f", ns / static_cast<double>(2 * frames));
      }
    }
    std::printf("\n");
  }
}

void bench_pack() {
  const Frames frames = 2048;  // a writer's piece
  const Buffer audio = material(2, frames);
  std::printf("quantise and pack 24-bit stereo, ns/sample:");
  for (const auto& [word, kind] : tutti::kDitherKinds) {
    tutti::PackDesign design{{tutti::SampleKind::signed_integer, 3, false}, 24};
    design.dither = kind;
    tutti::Packer packer(design, 2);
    const double ns = best_ns(500, [&] { packer.process(audio.view()); });
    std::printf("  %.*s %.2f", static_cast<int>(word.size()), word.data(),
                ns / static_cast<double>(2 * frames));
  }
  std::printf("\n");
}

void bench_resampler() {
  const Buffer audio = material(2, 10 * 48000);
  std::printf("resample stereo, ns/input sample\n");
  for (const double to_hz : {44100.0, 96000.0, 47999.0}) {
    const double ns = best_ns(3, [&] {
      tutti::StreamResampler stream(2, 48000, to_hz);
      stream.process(audio.view());
      stream.finish();
    });
    std::printf("  48000 to %-15.0f %6.2f\n", to_hz, ns / static_cast<double>(2 * audio.frames()));
  }
}

}  // namespace

int main() {
  const auto folder = std::filesystem::temp_directory_path() / "tutti-decode-bench";
  std::filesystem::create_directories(folder);
  bench_unpack();
  bench_files(folder);
  bench_pack();
  bench_resampler();
  std::filesystem::remove_all(folder);
}
