// SPDX-License-Identifier: Apache-2.0
// Any bytes as a programme: whoever draws something takes numbers from it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tutti::test {

/// The bytes one after the other; zeros behind them.
class Input {
 public:
  Input(const std::uint8_t* bytes, std::size_t count) : at_(bytes), left_(count) {}

  bool empty() const { return left_ == 0; }
  std::uint32_t number(int bytes) {
    std::uint32_t value = 0;
    for (int i = 0; i < bytes; ++i) {
      value = value << 8 | (left_ > 0 ? *at_ : 0u);
      if (left_ > 0) ++at_, --left_;
    }
    return value;
  }
  /// `end` up to 256.
  int below(int end) { return static_cast<int>(number(1)) % end; }

 private:
  const std::uint8_t* at_;
  std::size_t left_;
};

}  // namespace tutti::test
