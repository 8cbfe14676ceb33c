#pragma once

#include "common/file_descriptor.hpp"
#include "common/result.hpp"

#include <functional>
#include <string>
#include <vector>

namespace purser::cli::jobs {

// The value of a variable; empty where it is not set.
using Variables = std::function<std::string(const char*)>;

// The folder of a job's own daemon: socket, state, the configuration of clients. It is fresh, of
// mode 0700, and nobody but its owner and root can put another in its place.
struct JobFolder {
  std::string path;    // such as /run/user/1000/purser-job.Xa3k9Q
  FileDescriptor lock; // held as long as the job lasts; who gets it may remove the folder
};

// Where jobs' folders may be, the best first: memory, then the folder that the CI system empties
// itself, then what everybody may write to. That is safe here, and not for the socket that
// everybody looks for: nobody can know the name of a fresh folder before it is there.
[[nodiscard]] std::vector<std::string> job_bases(const Variables& variables);

// Makes one in the first of `bases` that it can be in, after it has removed there what jobs left
// behind that were killed. misconfigured, with a reason for each, where it can be in none.
[[nodiscard]] Result<JobFolder> make_job_folder(const std::vector<std::string>& bases);

// Takes it away with all that is in it; links are not followed. False where some of it is left.
bool remove_job_folder(const std::string& path);

// Whether `path` is named as those of make_job_folder(): nothing else may be removed as one.
[[nodiscard]] bool is_job_folder_name(const std::string& path);

// As above, for what a job left behind that was killed. False where it is still in use.
bool remove_if_abandoned(const std::string& path);

} // namespace purser::cli::jobs
