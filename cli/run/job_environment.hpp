#pragma once

#include <string>
#include <vector>

namespace purser::cli::jobs {

// The environment of a job's daemon whose folder is `folder`: all that it keeps is there. Nothing
// of the job's variables comes in but HOME and the language; requests bring the others.
[[nodiscard]] std::vector<std::string> daemon_environment(const std::string& folder);

// The same for the keeper: also what CI systems know the processes of a job by, so that they find
// it where the job ended without it.
[[nodiscard]] std::vector<std::string> keeper_environment(const std::string& folder);

inline constexpr const char* k_job_config = "/config.json";

} // namespace purser::cli::jobs
