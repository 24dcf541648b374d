// SPDX-License-Identifier: Apache-2.0
// A note of what is about to get an output's name. A process that ends between the output's name and
// its sidecar has left an output that nobody could tell from a stranger's; the note tells.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace tutti::catalogue {

/// ".tutti-", 32 hexadecimal digits, ".next" beside the output: a name that nobody gives a file of
/// his own, and short whatever the output is called.
std::filesystem::path intent_path(const std::filesystem::path& output);

bool is_intent_name(std::string_view name);

/// Whole, by rename. Throws IoError.
void write_intent(const std::filesystem::path& output, const std::string& sha256);

/// Whether there is a note for this output, and the output is what it says. Throws IoError.
bool was_intended(const std::filesystem::path& output);

void forget_intent(const std::filesystem::path& output) noexcept;

/// Whether the next run needs this note: its output is there, just as it was meant to be, and has no
/// sidecar that says so. Throws IoError when that can not be told.
bool intent_is_needed(const std::filesystem::path& note);

}  // namespace tutti::catalogue
