#pragma once

#include "cli/run/job_folder.hpp"
#include "cli/run/job_variables.hpp"
#include "common/result.hpp"

#include <string>

namespace purser::cli::jobs {

// Makes the clients of a job ask purser, with files of the job's own below `folder`: docker and
// what reads its file, helm, podman and its kin. They say what the user's files say, less the
// passwords in them and the helper for all registries; helpers of single registries stay, but for
// Amazon ECR. Whatever else lies beside docker's file (contexts, plug-ins) is reached by links.
//
// `config` is the text of the job's configuration: skopeo looks for its registries.conf below HOME
// only, and asks for the hosts that rules name without `*` nevertheless.
//
// Adds what leads there to `variables`. Errors (misconfigured): a file of the user's that is there
// and cannot be read.
[[nodiscard]] Result<> write_client_files(const std::string& folder,
                                          const std::string& config,
                                          const Variables& environment,
                                          JobVariables& variables);

// Links the helper into a folder of its own, which becomes the first of the job's PATH: beside this
// program, or where PATH has it. misconfigured where there is none.
[[nodiscard]] Result<>
link_helper(const std::string& folder, const Variables& environment, JobVariables& variables);

} // namespace purser::cli::jobs
