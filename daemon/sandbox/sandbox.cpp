#include "daemon/sandbox/sandbox.hpp"

#include "daemon/sandbox/system_call_filter.hpp"

#include <sys/prctl.h>

namespace purser {
namespace {

// linux/prctl.h since 6.3.
constexpr int k_set_mdwe = 65;
constexpr int k_get_mdwe = 66;
constexpr unsigned long k_refuse_exec_gain = 1;

// Memory is written or executed, never both, nor one after the other.
bool kernel_fixes_code()
{
  return ::prctl(k_get_mdwe, 0UL, 0UL, 0UL, 0UL) == static_cast<int>(k_refuse_exec_gain);
}

bool fix_code()
{
  return ::prctl(k_set_mdwe, k_refuse_exec_gain, 0UL, 0UL, 0UL) == 0 || kernel_fixes_code();
}

Result<> filter(bool fixed_code)
{
  if (inherited_policy() == own_policy()) return {};
  return filter_system_calls(fixed_code);
}

} // namespace

Sandbox enter_sandbox(const std::vector<std::string>& writable, SandboxParts parts)
{
  Sandbox sandbox;
  SandboxState& state = sandbox.state;
  if (parts.files) {
    if (auto rules = FileRules::make(writable))
      sandbox.files.emplace(std::move(*rules));
    else
      state.missing.push_back("files: " + rules.error().what);
  }
  if (sandbox.files) state.landlock_version = sandbox.files->version();
  state.code_is_fixed = parts.fixed_code && fix_code();
  if (parts.system_calls) {
    const auto filtered = filter(state.code_is_fixed);
    state.system_calls_filtered = filtered.has_value();
    // Before Linux 6.3 it is the filter that fixes the code.
    state.code_is_fixed = state.code_is_fixed || state.system_calls_filtered;
    if (!filtered) state.missing.push_back("system calls: " + filtered.error().what);
  }
  if (!state.code_is_fixed)
    state.missing.emplace_back("code: neither the kernel nor a filter keeps it as it is");
  return sandbox;
}

Sandbox enter_sandbox(const std::vector<std::string>& writable)
{
#ifdef PURSER_WITHOUT_SANDBOX
  (void)writable;
  Sandbox none;
  none.state.missing.emplace_back("all: this is a build with sanitizers, which need more");
  return none;
#else
  return enter_sandbox(writable, SandboxParts{});
#endif
}

} // namespace purser
