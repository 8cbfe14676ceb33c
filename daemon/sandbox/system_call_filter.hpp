#pragma once

#include "common/result.hpp"

#include <optional>

namespace purser {

// Lets this process, and all that it becomes, make only the system calls of the list in
// system_call_list.hpp. Others fail: with EPERM where no daemon has any business, with ENOSYS
// where a library may ask for something newer than the list. Calls of another processor's kind
// (32 bits, x32) end the process. The kernel's audit log has those that were refused.
//
// `fixed_code`: the kernel itself forbids memory that can be written and executed; otherwise the
// filter does.
[[nodiscard]] Result<> filter_system_calls(bool fixed_code);

// The policy of the purserd that this process was before, as the kernel knows it: its filter
// answers a question that no kernel understands. Nothing where there is no filter of ours.
[[nodiscard]] std::optional<int> inherited_policy();
// A number for the rules of this program: other rules have another one, with a probability of
// 2047/2048.
[[nodiscard]] int own_policy();

} // namespace purser
