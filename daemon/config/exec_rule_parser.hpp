#pragma once

#include "daemon/config/exec_rule.hpp"
#include "daemon/config/object_reader.hpp"

namespace purser {

// What a rule for `exec` says beside what all rules say. Complaints are the reader's.
[[nodiscard]] ExecRule read_exec_rule(ObjectReader& reader);

} // namespace purser
