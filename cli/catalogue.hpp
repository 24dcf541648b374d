// SPDX-License-Identifier: Apache-2.0
// The subcommands of `tutti catalogue`, and what several of them share.
#pragma once

#include <string>

#include "cli/command_line.hpp"

namespace tutti::cli {

int run_catalogue_scan(const Arguments& arguments);
int run_catalogue_plan(const Arguments& arguments);
int run_catalogue_render(const Arguments& arguments);
int run_catalogue_retry(const Arguments& arguments);
int run_catalogue_verify(const Arguments& arguments);
int run_catalogue_status(const Arguments& arguments);
int run_catalogue_report(const Arguments& arguments);
int run_catalogue_gc(const Arguments& arguments);
int run_catalogue_bag(const Arguments& arguments);
int run_catalogue_submit(const Arguments& arguments);

/// --manifest FILE
void add_manifest_option(CommandLine& line, std::string& manifest);
/// -o,--output DIR: the folder of the outputs.
void add_out_option(CommandLine& line, std::string& out);
/// --shards N
void add_shards_option(CommandLine& line, int& shards);

/// Throws UsageError that names the command and what is missing.
void require_option(const std::string& value, const char* command, const char* option);

}  // namespace tutti::cli
