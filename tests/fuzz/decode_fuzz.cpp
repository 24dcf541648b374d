// SPDX-License-Identifier: Apache-2.0
// Any bytes as an audio file: the decoders may refuse, but never crash, hang or read out of bounds.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "host/audio/buffer.hpp"
#include "host/io/decode.hpp"
#include "host/io/encode.hpp"
#include "host/io/metadata.hpp"

namespace {

/// A file in memory that holds the input.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* bytes, std::size_t count) : descriptor_(memfd_create("input", 0)) {
    if (descriptor_ < 0 || write(descriptor_, bytes, count) != static_cast<ssize_t>(count)) abort();
  }
  ~MemoryFile() { close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

void read_here_and_there(tutti::AudioReader& reader) {
  const tutti::Frames frames = reader.info().frames;
  if (reader.info().channels < 1 || reader.info().channels > 16 || frames < 0) abort();
  tutti::Buffer out(reader.info().channels, 1000);
  for (const tutti::Frames first :
       {tutti::Frames{0}, tutti::Frames{5000}, frames / 2, frames - 500, tutti::Frames{-10}}) {
    reader.read(first, out.view());
  }
  // To the end, if that is near: only then are lengths and checksums judged.
  for (tutti::Frames n = 0; n < std::min<tutti::Frames>(frames, 20000); n += out.frames()) {
    reader.read(n, out.view());
  }
}

/// What a writer of another rate makes of it; the file goes before it is finished.
void adapt_metadata(const std::shared_ptr<const tutti::Metadata>& metadata, const char* name) {
  tutti::WriteSpec spec;
  spec.path = std::filesystem::temp_directory_path() / ("fuzz-" + std::to_string(getpid())) / name;
  spec.expected_frames = 1000;
  spec.metadata = metadata;
  spec.metadata_change.from_rate_hz = 44100;
  spec.metadata_change.trimmed_frames = 10;
  tutti::open_writer(spec);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const MemoryFile file(bytes, count);
  for (const bool allow_non_finite : {false, true}) {
    try {
      const auto reader = tutti::open_audio(file.path(), [](const tutti::Warning&) {},
                                            {.allow_non_finite = allow_non_finite});
      read_here_and_there(*reader);
    } catch (const tutti::IoError& error) {
      if (std::string(error.what()).find('\n') != std::string::npos) abort();
    }
  }
  std::vector<tutti::Warning> warnings;
  const auto metadata =
      std::make_shared<const tutti::Metadata>(tutti::read_metadata(file.path(), warnings));
  for (const char* name : {"a.wav", "a.flac"}) adapt_metadata(metadata, name);
  return 0;
}
