// SPDX-License-Identifier: Apache-2.0
#include "cli/output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "cli/command_line.hpp"
#include "host/audio/errors.hpp"
#include "host/io/write_fault.hpp"
#include "host/report/terminal_text.hpp"

namespace tutti::cli {
namespace {

namespace fs = std::filesystem;

int output_errno = 0;  // of the first write to standard output that failed

const char* kind_name(DocumentKind kind) {
  return kind == DocumentKind::json ? "JSON" : kind == DocumentKind::html ? "HTML" : "YAML";
}

// A cheap look at what stands there: enough to keep audio and sessions from being replaced by a
// mistyped option.
bool looks_like(const fs::path& path, DocumentKind kind) {
  std::ifstream in(path, std::ios::binary);
  char head = 0;
  in >> std::ws;
  if (!in.get(head)) return true;  // empty
  return head == (kind == DocumentKind::json ? '{' : '<');
}

[[noreturn]] void fail(const fs::path& path, int error) {
  throw IoError(printable(path.string()), std::strerror(error), io::write_fault(error));
}

void write_all(int descriptor, const fs::path& path, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : value_(::open(path.c_str(), flags, 0666)) {
    if (value_ < 0) fail(path, errno);
  }
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  int get() const { return value_; }

 private:
  int value_;
};

class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& final_path)
      : path_(final_path.string() + ".tutti-" + std::to_string(::getpid()) + ".part") {}
  ~TemporaryFile() {
    if (!kept_) ::unlink(path_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  const fs::path& path() const { return path_; }
  void rename_to(const fs::path& final_path) {
    if (::rename(path_.c_str(), final_path.c_str()) != 0) fail(final_path, errno);
    kept_ = true;
  }

 private:
  fs::path path_;
  bool kept_ = false;
};

}  // namespace

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() && output_errno == 0)
    output_errno = errno;
}

void print_error(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

void finish_output() {
  if (std::fflush(stdout) != 0 && output_errno == 0) output_errno = errno;
  if (output_errno != 0 && output_errno != EPIPE) fail("standard output", output_errno);
}

void check_document_path(const std::string& path, DocumentKind kind,
                         std::span<const std::string> inputs) {
  if (path.empty() || path == "-") return;
  std::error_code error;
  const std::string shown = printable(path);
  const fs::path folder = fs::absolute(path, error).parent_path();
  if (!fs::is_directory(folder, error))
    throw UsageError(shown + ": the folder does not exist; create it first");
  if (fs::is_directory(path, error)) throw UsageError(shown + ": is a folder; name a file");
  for (const std::string& input : inputs)
    if (fs::equivalent(path, input, error))
      throw UsageError(shown + ": is an input and would be replaced; name another file");
  if (kind != DocumentKind::yaml && fs::is_regular_file(path, error) && !looks_like(path, kind))
    throw UsageError(shown + ": exists and is not a document of this kind (" + kind_name(kind) +
                     "); remove it or name another file");
}

void write_document(const std::string& path, DocumentKind kind, std::string_view text) {
  write_document(path, kind, [&](const DocumentSink& sink) { sink(text); });
}

void write_document(const std::string& path, DocumentKind kind,
                    const std::function<void(const DocumentSink& sink)>& produce) {
  if (path.empty()) return;
  if (path == "-") return produce(print);
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_regular_file(path, error)) {
    const Descriptor file(path, O_WRONLY | O_CLOEXEC);
    return produce([&](std::string_view part) { write_all(file.get(), path, part); });
  }
  const fs::path target = fs::is_symlink(path, error) ? fs::canonical(path, error) : fs::path(path);
  check_document_path(target.string(), kind, {});
  TemporaryFile temporary(target);
  {
    const Descriptor file(temporary.path(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC);
    produce([&](std::string_view part) { write_all(file.get(), target, part); });
    if (::fsync(file.get()) != 0 && errno != EINVAL) fail(target, errno);
  }
  temporary.rename_to(target);
}

}  // namespace tutti::cli
