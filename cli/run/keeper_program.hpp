#pragma once

#include "cli/run/job_folder.hpp"
#include "cli/run/keeper.hpp"
#include "common/file_descriptor.hpp"
#include "common/result.hpp"

#include <string>

namespace purser::cli::jobs {

// The two ends that whoever started a keeper has of it.
struct KeeperEnds {
  FileDescriptor life;
  FileDescriptor ready;
};

// Starts this program anew as `purser job keep FOLDER`: in a session of its own, with nothing of
// this process but the lock of the folder, and an environment made from scratch. `tied`: see
// start_job().
[[nodiscard]] Result<KeeperEnds>
start_keeper(const JobFolder& folder, const std::string& log, bool tied);

// In that program: what it was started with.
[[nodiscard]] KeeperOrder keeper_order(std::string folder, std::string log, bool tied);

} // namespace purser::cli::jobs
