// SPDX-License-Identifier: Apache-2.0
// Which part of a manifest one process does.
#pragma once

#include <string_view>
#include <vector>

#include "host/catalogue/item.hpp"

namespace tutti {

/// The most shards that a job can have: Slurm's arrays and AWS Batch's end earlier.
inline constexpr int kMaximumShards = 100'000;

struct ShardChoice {
  int index = 0;  ///< from 0
  int count = 1;
};

/// "3/12", or "env/12": the index that the batch engine has put into the environment
/// (SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX, and, counting from 1,
/// SGE_TASK_ID and PARALLEL_SEQ). The count is always the user's: what engines say of it is wrong
/// after a part of an array is submitted again. Throws CatalogueError.
ShardChoice parse_shard(std::string_view text);

/// The shard of each item. Albums stay whole; the longest goes first to the least loaded shard,
/// ties by order in the manifest. A pure function: every process computes the same.
std::vector<int> shard_of_items(const Manifest& manifest, int count);

}  // namespace tutti
