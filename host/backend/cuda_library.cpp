// SPDX-License-Identifier: Apache-2.0
#include "host/backend/cuda_library.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

#include "host/audio/errors.hpp"

namespace tutti {
namespace {

namespace fs = std::filesystem;

using Abi = int (*)();
using Status = void (*)(CudaStatus*);
using Open = Backend* (*)(int);

/// The opened library, or why it could not be. It stays open: what it made lives in its code.
struct Library {
  Status status = nullptr;
  Open open = nullptr;
  std::string reason;
};

fs::path find_library() {
  if (const char* named = std::getenv("TUTTI_CUDA_LIBRARY")) return named;
  std::error_code ignored;
  const fs::path folder = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const char* place : {".", "../lib/tutti", "../kernels"}) {
    const fs::path path = folder / place / "libtutti_cuda.so";
    if (fs::exists(path, ignored)) return path;
  }
  return {};
}

/// The driver's own library, which is small and there wherever CUDA can run; ours brings cuFFT, whose
/// hundreds of megabytes a machine without a GPU need not read.
bool has_driver() { return dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL) != nullptr; }

Library open_library() {
  Library library;
  if (!std::getenv("TUTTI_CUDA_LIBRARY") && !has_driver()) {
    library.reason = "no NVIDIA driver is installed";
    return library;
  }
  const fs::path path = find_library();
  if (path.empty()) {
    library.reason = "the CUDA library libtutti_cuda.so is not installed beside the program";
    return library;
  }
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    library.reason = std::string("the CUDA library can not be loaded: ") + dlerror();
    return library;
  }
  const auto abi = reinterpret_cast<Abi>(dlsym(handle, "tutti_cuda_backend_abi"));
  if (!abi || abi() != kCudaBackendAbi) {
    library.reason = path.string() + " belongs to another version of the program";
    return library;
  }
  library.status = reinterpret_cast<Status>(dlsym(handle, "tutti_cuda_status"));
  library.open = reinterpret_cast<Open>(dlsym(handle, "tutti_open_cuda_backend"));
  if (!library.status || !library.open) library.reason = path.string() + " is damaged";
  return library;
}

const Library& library() {
  static const Library opened = open_library();
  return opened;
}

}  // namespace

CudaStatus cuda_status() {
  CudaStatus status;
  if (library().reason.empty())
    library().status(&status);
  else
    status.reason = library().reason;
  return status;
}

std::unique_ptr<Backend> open_cuda(int ordinal) {
  const std::string name = "cuda:" + std::to_string(ordinal);
  const CudaStatus status = cuda_status();
  if (status.devices.empty()) throw DeviceError(name + " is not available: " + status.reason);
  if (ordinal >= static_cast<int>(status.devices.size()))
    throw DeviceError(name + ": there is no such device; this machine has " +
                      std::to_string(status.devices.size()) + ", counted from 0");
  return std::unique_ptr<Backend>(library().open(ordinal));
}

}  // namespace tutti
