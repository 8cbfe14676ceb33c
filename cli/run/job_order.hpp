#pragma once

#include <string>
#include <vector>

namespace purser::cli::jobs {

// What the command line says of a job's own daemon.
struct JobOrder {
  std::string folder;                  // where its folder is made; empty: see job_bases()
  std::string config;                  // the configuration; empty: the user's
  std::string role;                    // of a rule of its own; empty: no such rule
  std::string web_identity;            // of that rule: github, env:NAME, file:PATH, none
  std::string audience;                // of that rule
  std::vector<std::string> registries; // of that rule; empty: all of Amazon ECR
  std::string region;                  // AWS_REGION of the job; empty: as it is
  std::string log;                     // the file that the daemon's log is appended to
  bool client_files = true;            // whether clients are told
};

} // namespace purser::cli::jobs
