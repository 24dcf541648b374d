// SPDX-License-Identifier: Apache-2.0
#include "host/io/ogg_pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/io/pcm_layout.hpp"

namespace tutti::io {
namespace {

constexpr std::string_view kCapture = "OggS";
constexpr std::size_t kWindowBytes = std::size_t{1} << 20;

enum PageFlag : std::uint8_t { kFirstPage = 2, kLastPage = 4 };

/// [k][byte]: the checksum of the byte with k zero bytes after it.
using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

CrcTables make_crc_tables() {
  CrcTables tables;
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte << 24;
    for (int bit = 0; bit < 8; ++bit) value = value << 1 ^ ((value >> 31) != 0 ? 0x04c11db7u : 0);
    tables[0][byte] = value;
  }
  for (std::size_t k = 1; k < tables.size(); ++k)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = before << 8 ^ tables[0][before >> 24];
    }
  return tables;
}

std::uint32_t load_be32(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 |
         at[3];
}

std::uint32_t load_le32(const std::uint8_t* at) {
  return std::uint32_t{at[3]} << 24 | std::uint32_t{at[2]} << 16 | std::uint32_t{at[1]} << 8 |
         at[0];
}

class PageScan {
 public:
  PageScan(PooledFile& file, const WarningSink& warnings) : file_(file), warnings_(warnings) {}

  void run() {
    bool torn = false;
    for (std::int64_t at = 0; at < file_.size_bytes();) {
      const std::int64_t page = find_capture(at);
      if (page < 0) break;  // a tag behind the last page
      load(page);
      const std::size_t bytes = page_bytes();
      if (bytes == 0) {
        // Whoever damaged the sizes of a page left the next one alone.
        if (find_capture(page + 1) >= 0)
          fail(fmt::format("page at byte {} is longer than the file", page));
        torn = true;
        break;
      }
      check_sum(page, bytes);
      count(page);
      at = page + static_cast<std::int64_t>(bytes);
    }
    const bool open = std::any_of(streams_.begin(), streams_.end(),
                                  [](const auto& stream) { return !stream.second.ended; });
    if (torn || open)
      warn(warnings_, file_.name(), "truncated",
           torn ? "it is cut short: the file stops inside a page of its Ogg stream"
                : "it is cut short: the file stops before the end of its Ogg stream");
  }

 private:
  struct Stream {
    std::uint32_t next_number = 0;
    bool ended = false;
  };

  [[noreturn]] void fail(const std::string& cause) const {
    throw IoError(file_.name(), "damaged Ogg: " + cause + "; find a whole copy");
  }

  /// Makes the bytes of the page at `at` lie in the window, as far as the file has them.
  void load(std::int64_t at) {
    const std::int64_t window_end = window_at_ + static_cast<std::int64_t>(window_.size());
    const std::int64_t needed =
        std::min(at + static_cast<std::int64_t>(kLargestOggPageBytes), file_.size_bytes());
    if (at < window_at_ || needed > window_end) {
      window_.resize(kWindowBytes);
      window_.resize(file_.read_at(at, window_.data(), kWindowBytes));
      window_at_ = at;
    }
    offset_ = static_cast<std::size_t>(at - window_at_);
  }
  const std::uint8_t* here() const { return window_.data() + offset_; }
  std::size_t left() const { return window_.size() - offset_; }

  /// Where the next page starts at or after `at`; −1: nowhere.
  std::int64_t find_capture(std::int64_t at) {
    while (at + static_cast<std::int64_t>(kCapture.size()) <= file_.size_bytes()) {
      load(at);
      const std::string_view bytes(reinterpret_cast<const char*>(here()), left());
      const std::size_t found = bytes.find(kCapture);
      if (found != std::string_view::npos) return at + static_cast<std::int64_t>(found);
      if (bytes.size() < kCapture.size()) return -1;
      at += static_cast<std::int64_t>(bytes.size() - kCapture.size() + 1);
    }
    return -1;
  }

  /// Size of the loaded page; 0 when the file stops inside it.
  std::size_t page_bytes() const {
    if (left() < kOggHeaderBytes) return 0;
    const std::size_t segments = here()[26];
    std::size_t bytes = kOggHeaderBytes + segments;
    if (left() < bytes) return 0;
    for (std::size_t i = 0; i < segments; ++i) bytes += here()[kOggHeaderBytes + i];
    return left() < bytes ? 0 : bytes;
  }

  void check_sum(std::int64_t page, std::size_t bytes) const {
    constexpr std::array<std::uint8_t, 4> kZeros = {};
    std::uint32_t sum = ogg_crc(here(), 22);
    sum = ogg_crc(kZeros.data(), kZeros.size(), sum);
    sum = ogg_crc(here() + 26, bytes - 26, sum);
    if (sum != load_le32(here() + 22))
      fail(fmt::format("the checksum of page {} (at byte {}) is wrong", load_le32(here() + 18),
                       page));
  }

  void count(std::int64_t page) {
    const std::uint8_t flags = here()[5];
    const std::uint32_t serial = load_le32(here() + 14), number = load_le32(here() + 18);
    Stream& stream = streams_[serial];
    if ((flags & kFirstPage) == 0 && number != stream.next_number)
      fail(fmt::format("page {} is missing before byte {}, where page {} starts",
                       stream.next_number, page, number));
    stream.next_number = number + 1;
    stream.ended = (flags & kLastPage) != 0;
  }

  PooledFile& file_;
  const WarningSink& warnings_;
  std::vector<std::uint8_t> window_;
  std::int64_t window_at_ = 0;
  std::size_t offset_ = 0;
  std::map<std::uint32_t, Stream> streams_;  // by serial number
};

}  // namespace

std::uint32_t ogg_crc(const std::uint8_t* bytes, std::size_t count, std::uint32_t value) {
  static const CrcTables t = make_crc_tables();
  for (; count >= 8; bytes += 8, count -= 8) {  // eight bytes at a time: each by its own table
    const std::uint32_t a = value ^ load_be32(bytes), b = load_be32(bytes + 4);
    value = t[7][a >> 24] ^ t[6][a >> 16 & 255] ^ t[5][a >> 8 & 255] ^ t[4][a & 255] ^
            t[3][b >> 24] ^ t[2][b >> 16 & 255] ^ t[1][b >> 8 & 255] ^ t[0][b & 255];
  }
  for (; count > 0; ++bytes, --count) value = value << 8 ^ t[0][value >> 24 ^ *bytes];
  return value;
}

void check_ogg_pages(PooledFile& file, const WarningSink& warnings) {
  PageScan(file, warnings).run();
}

}  // namespace tutti::io
