#pragma once

#include "daemon/sandbox/file_rules.hpp"
#include "daemon/sandbox/sandbox_state.hpp"

#include <optional>
#include <string>
#include <vector>

namespace purser {

// What a daemon gives up that it has no use for once it runs (docs/decisions/0012-sandbox.md):
// most system calls, and memory that can be written and executed. Its worker threads give up
// writing outside of its own folders as well; the event loop, which writes no file, cannot, since
// the same rules would keep it from telling its callers apart.
struct Sandbox {
  SandboxState state;
  std::optional<FileRules> files; // for every worker thread
};

// Parts of it, for the test that shows what each of them is for.
struct SandboxParts {
  bool files = true;
  bool fixed_code = true;
  bool system_calls = true;
};

// Call it once there is nothing left to fork, to listen on or to limit, before there is a second
// thread, and after harden_process(). A process that was a purserd of the same policy before has
// its filter, and keeps it: another one would change nothing.
//
// In a build with sanitizers nothing is done, and `missing` says so: they trace, search memory
// and map what they like.
[[nodiscard]] Sandbox enter_sandbox(const std::vector<std::string>& writable);
// Also in such a build.
[[nodiscard]] Sandbox enter_sandbox(const std::vector<std::string>& writable, SandboxParts parts);

} // namespace purser
