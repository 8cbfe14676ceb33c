#pragma once

#include "cli/run/job_folder.hpp"
#include "cli/run/job_order.hpp"
#include "cli/run/job_variables.hpp"
#include "common/file_descriptor.hpp"
#include "common/result.hpp"

#include <string>

namespace purser::cli::jobs {

// A job whose daemon answers.
struct StartedJob {
  std::string folder;
  JobVariables variables;
  FileDescriptor life;  // the job ends when this is closed everywhere; not open: with `job stop`
  FileDescriptor ready; // its end: all is gone
};

// Makes the job's folder and starts a keeper in it. `tied` has the job end with this process, or
// before, when `life` is closed. Nothing is left behind where it fails.
[[nodiscard]] Result<StartedJob> start_job(const JobOrder& order, bool tied);

// Ends a job that was started `tied`, and returns when all of it is gone. False where something is
// left, which a line on standard error names.
bool end_job(StartedJob job);

// Ends the job of this folder, whoever started it; nothing there is no error. transient where it
// does not end in time.
[[nodiscard]] Result<> stop_job(const std::string& folder);

} // namespace purser::cli::jobs
