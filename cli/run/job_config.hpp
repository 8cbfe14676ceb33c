#pragma once

#include "cli/run/job_folder.hpp"
#include "cli/run/job_order.hpp"
#include "common/result.hpp"

#include <string>

namespace purser::cli::jobs {

// The text of the configuration of a job's daemon: that of the order, or the user's, as it is now,
// with the order's own rule before the others. What is logged in to goes to the job's own store:
// `store` is left out. Errors (misconfigured): what the file or the rule says is not right.
[[nodiscard]] Result<std::string> job_config(const JobOrder& order, const Variables& variables);

} // namespace purser::cli::jobs
