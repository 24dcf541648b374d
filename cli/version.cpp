// SPDX-License-Identifier: Apache-2.0
#include "cli/version.hpp"

#include <FLAC/format.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sndfile.h>
#include <soxr.h>
#include <tbb/version.h>
#include <CLI/Version.hpp>
#include <nlohmann/json.hpp>

namespace tutti::cli {

std::string program_version() { return "tutti " TUTTI_VERSION; }

// Shared libraries are asked when they can answer; headers and static ones say what was compiled.
std::string version_text() {
  const auto line = [](const char* name, const std::string& version) {
    return fmt::format("  {:<14} {}\n", name, version);
  };
  std::string sndfile = sf_version_string();
  sndfile.erase(0, sndfile.find('-') + 1);
  std::string soxr = soxr_version();
  soxr.erase(0, soxr.find('-') + 1);
  const int tbb = TBB_runtime_interface_version();
  std::string text = program_version() + "\n";
  text += line("compiler", TUTTI_COMPILER);
  text += line("libsndfile", sndfile) + line("libFLAC", FLAC__VERSION_STRING);
  text += line("libmpg123", TUTTI_MPG123_VERSION) + line("soxr", soxr);
  text += line("TagLib", TUTTI_TAGLIB_VERSION);
  text += line("Highway", TUTTI_HIGHWAY_VERSION);
  text += line("oneTBB", fmt::format("{} (interface {})", TBB_runtime_version(), tbb));
  text += line("OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING));
  text +=
      line("nlohmann/json", fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR,
                                        NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH));
  text += line("CLI11", CLI11_VERSION);
  text += line("fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
                                  FMT_VERSION % 100));
  return text;
}

}  // namespace tutti::cli
