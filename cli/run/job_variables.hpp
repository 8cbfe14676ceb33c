#pragma once

#include "common/result.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser::cli::jobs {

// What a job's environment gets.
struct JobVariables {
  std::vector<std::pair<std::string, std::string>> set;
  std::string path; // a folder that goes before the others in PATH; empty: none

  // In the environment of this process.
  void apply() const;
};

// How `purser job start` tells them: lines for a shell's eval; NAME=VALUE, as in a dotenv file; or
// nothing on standard output, since all goes to the files that GITHUB_ENV and GITHUB_PATH name.
enum class VariableFormat { sh, env, github };

// misconfigured where a value cannot be told so, or a file cannot be written to.
[[nodiscard]] Result<std::string> told(const JobVariables& variables, VariableFormat format);

} // namespace purser::cli::jobs
