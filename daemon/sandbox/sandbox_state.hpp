#pragma once

#include <string>
#include <vector>

namespace purser {

// What of the sandbox is in force, for the log and status. `missing` has a line for each part that
// is not, with the reason: a degraded state that a person should see, and none a reason not to run.
struct SandboxState {
  bool system_calls_filtered = false;
  int landlock_version = 0; // 0: none
  bool code_is_fixed = false;
  std::vector<std::string> missing;
};

} // namespace purser
