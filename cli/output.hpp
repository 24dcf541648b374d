// SPDX-License-Identifier: Apache-2.0
// Where results go: standard output and report files.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace tutti::cli {

/// Writes to standard output. A reader that has gone away is not an error; a full disk is (see
/// finish_output).
void print(std::string_view text);

/// Writes one or more lines to standard error.
void print_error(std::string_view text);

/// Flushes standard output. Throws IoError when what was printed did not all arrive, except when
/// the reader of a pipe closed it.
void finish_output();

enum class DocumentKind { json, html, yaml };

/// Refuses, before any work is done, a document path that could cost the user a file: one of
/// `inputs`, a folder, a missing folder, or an existing file that is not such a document. "-" and
/// "" are fine. Throws UsageError.
void check_document_path(const std::string& path, DocumentKind kind,
                         std::span<const std::string> inputs);

/// Writes a document: to standard output for "-", beside its final name and renamed otherwise
/// (special files such as /dev/stderr are written directly). Nothing for "". Throws IoError.
void write_document(const std::string& path, DocumentKind kind, std::string_view text);

/// The same for a document that would be long in memory: `produce` hands its parts on in order.
using DocumentSink = std::function<void(std::string_view part)>;
void write_document(const std::string& path, DocumentKind kind,
                    const std::function<void(const DocumentSink& sink)>& produce);

}  // namespace tutti::cli
