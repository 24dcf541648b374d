// SPDX-License-Identifier: Apache-2.0
// Unpacking at its edges: the bits of host/io/unpack and of the clip loop of host/stage.
#include "kernels/unpack.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "kernels/runtime/device_buffer.hpp"
#include "tests/kernels/stem_fixture.hpp"

namespace tutti::cuda {
namespace {

using test::FakeFile;
using test::noise_file;

constexpr StoredFormat kFormats[] = {
    {SampleKind::unsigned_integer, 1, false}, {SampleKind::signed_integer, 1, false},
    {SampleKind::signed_integer, 2, false},   {SampleKind::signed_integer, 2, true},
    {SampleKind::signed_integer, 3, false},   {SampleKind::signed_integer, 3, true},
    {SampleKind::signed_integer, 4, false},   {SampleKind::signed_integer, 4, true},
    {SampleKind::floating, 4, false},         {SampleKind::floating, 4, true},
};

/// Frames of channel c of interleaved bytes, as the CPU unpacks them.
std::vector<float> cpu_channel(const FakeFile& file, int c) {
  std::vector<std::byte> bytes = file.bytes;
  bytes.resize(bytes.size() + io::kUnpackSlackBytes);
  Buffer buffer(file.channels, std::max<Frames>(file.frames, 1));
  io::unpack(file.format, bytes.data(), buffer.view().slice(0, file.frames));
  return {buffer.channel(c), buffer.channel(c) + file.frames};
}

/// Runs a list into `frames` of `channels` whose memory is full of something else.
template <typename Fill>
std::vector<std::vector<float>> run(Device& device, int channels, Frames frames, Frames stride,
                                    const Fill& fill) {
  DeviceBuffer<float> out;
  {
    const Device::Queue queue(device);
    const std::vector<float> other(static_cast<std::size_t>(channels * stride), 1e30F);
    out = device.send(std::span<const float>(other));
    UnpackList list;
    fill(list, DeviceBlock{out.data(), channels, frames, stride});
    list.queue(device);
  }
  std::vector<float> samples(out.size());
  if (!samples.empty())
    device.fetch(DeviceSpan<const float>(out.data(), out.size()), std::span<float>(samples));
  std::vector<std::vector<float>> result;
  for (int c = 0; c < channels; ++c) {
    const auto first = samples.begin() + c * stride;
    result.emplace_back(first, first + frames);
    EXPECT_TRUE(std::all_of(first + frames, first + stride, [](float x) { return x == 1e30F; }));
  }
  return result;
}

StemPiece piece_of(const FakeFile& file, Frames at) {
  StemPiece piece;
  piece.at = at;
  piece.frames = file.frames;
  piece.format = file.format;
  piece.channels = file.channels;
  piece.clip_length = file.frames;
  return piece;
}

class UnpackSizes : public testing::TestWithParam<Frames> {};

TEST_P(UnpackSizes, EveryFormatHasTheCpusBits) {
  const Frames frames = GetParam();
  Device device(0);
  for (const StoredFormat& format : kFormats)
    for (const int channels : {1, 2, 3}) {
      const auto file = noise_file(format, channels, frames, 5);
      // To the multiple of 4 that a part is readable to, and not a byte more: the end is guarded.
      std::vector<std::byte> stored = file->bytes;
      stored.resize((stored.size() + 3) / 4 * 4, std::byte{0xff});
      DeviceBuffer<std::byte> bytes;
      const auto out =
          run(device, channels, frames, frames + 7, [&](UnpackList& list, DeviceBlock to) {
            bytes = device.send(std::span<const std::byte>(stored));
            list.add_strip(to, UnpackStart::silence);
            list.add_part(unpack_part(piece_of(*file, 0), bytes.data()));
          });
      for (int c = 0; c < channels; ++c)
        ASSERT_EQ(out[static_cast<std::size_t>(c)], cpu_channel(*file, c))
            << format.bytes << " bytes, " << channels << " channels";
    }
}

// 0 and 1; around a warp (32) and a block's share of a strip (2,048).
INSTANTIATE_TEST_SUITE_P(Boundaries, UnpackSizes,
                         testing::Values(0, 1, 31, 32, 33, 2047, 2048, 2049));

TEST(Unpack, AddsPartsInTheirOrderAndLeavesTheRestZero) {
  // 1e8 + 1 − 1e8 in float is 0 in this order and 1 in another.
  const Frames frames = 5000;
  const float values[] = {1e8F, 1.0F, -1e8F};
  Device device(0);
  DeviceBuffer<float> data;
  const auto out = run(device, 2, frames, frames, [&](UnpackList& list, DeviceBlock to) {
    data = device.send(std::span<const float>(values));
    list.add_strip(to.slice(0, 0), UnpackStart::silence);  // an empty strip between others
    list.add_strip(to.slice(0, 2100), UnpackStart::silence);
    StemPiece piece;
    piece.format = {SampleKind::floating, 4, false};
    piece.frames = piece.clip_length = 1;
    for (const Frames at : {0, 2047, 2048, 2099})
      for (int i = 0; i < 3; ++i) {
        piece.at = at;
        list.add_part(unpack_part(piece, reinterpret_cast<const std::byte*>(data.data() + i)));
      }
    piece.at = 5;
    piece.frames = 0;
    list.add_part(unpack_part(piece, nullptr));
    list.add_strip(to.slice(2100, frames - 2100), UnpackStart::untouched);
  });
  for (const auto& channel : out)
    for (const float x : channel) ASSERT_EQ(x, 0.0F);
}

TEST(Unpack, RefusesDoublesAndTooFewChannels) {
  StemPiece piece;
  piece.format = {SampleKind::floating, 8, false};
  EXPECT_THROW(unpack_part(piece, nullptr), std::logic_error);
  UnpackList list;
  list.add_strip({nullptr, 3, 1, 1}, UnpackStart::silence);
  UnpackPart part;
  part.channels = 2;
  part.frames = 1;
  EXPECT_THROW(list.add_part(part), std::logic_error);
}

}  // namespace
}  // namespace tutti::cuda
