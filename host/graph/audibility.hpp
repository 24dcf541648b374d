// SPDX-License-Identifier: Apache-2.0
// Solo in place: which strips are heard.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "host/session/model.hpp"

namespace tutti {

/// Without a solo every strip is heard. With one: the soloed strips, all that they feed, and all that
/// feeds them.
class Audibility {
 public:
  Audibility(const Session& session, const std::vector<std::string>& extra_solo);
  bool contains(const std::string& strip) const { return !any_solo_ || heard_.count(strip) > 0; }

 private:
  bool any_solo_ = false;
  std::set<std::string> heard_;
};

}  // namespace tutti
