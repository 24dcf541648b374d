// SPDX-License-Identifier: Apache-2.0
// What the writers say about metadata that they could not keep.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "host/io/encode.hpp"

namespace tutti::io {

/// Sends warnings of one output file. Codes: "metadata_dropped", what is not in the output any
/// more; "metadata_stale", what is there unchanged although the audio changed under it.
class MetadataLosses {
 public:
  explicit MetadataLosses(const WriteSpec& spec)
      : sink_(spec.warnings), path_(spec.path.string()) {}

  void dropped(const std::string& what) const { say("metadata_dropped", what); }
  void stale(const std::string& what) const { say("metadata_stale", what); }

 private:
  void say(const char* code, const std::string& what) const {
    if (sink_) sink_({code, what, path_});
  }

  const WarningSink& sink_;
  std::string path_;
};

/// "a, b and 7 more": names of hostile files may be many.
inline std::string list_names(const std::vector<std::string>& names) {
  constexpr std::size_t kMostNames = 12;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kMostNames) {
    text += " and " + std::to_string(names.size() - kMostNames) + " more";
  }
  return text;
}

}  // namespace tutti::io
