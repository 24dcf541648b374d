// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and friends.
#pragma once

#include <atomic>

namespace tutti::cli {

/// Call first in main, before any other thread exists: every thread is to inherit the blocked
/// signals. SIGPIPE is ignored, so that a closed pipe on standard output never ends a render, and
/// SIGXFSZ, so that a limit on the size of files (`ulimit -f`) is an error of the write like a full
/// disk. SIGINT, SIGTERM and SIGHUP set the stop flag; a second SIGINT within two seconds removes
/// the temporary files and ends the process with exit code 130, and so does a stop that has not
/// been followed after ten seconds. A signal that the caller of the program had set to be ignored
/// (nohup, background jobs) stays ignored.
void watch_signals();

/// Set once a stop was asked for.
const std::atomic<bool>& stop_flag();

/// True when the stop came from the terminal (SIGINT).
bool stopped_from_terminal();

/// Throws Cancelled when a stop was asked for.
void throw_if_stopped();

}  // namespace tutti::cli
