#pragma once

#include "daemon/config/rule.hpp"
#include "daemon/store/credential_store.hpp"

#include <string>
#include <vector>

namespace purser {

// The lines of the index that tells a helper without a daemon which registries are
// ours (docs/protocol.md, "The index of managed hosts"): sorted, each once.
[[nodiscard]] std::string managed_hosts(const std::vector<Rule>& rules,
                                        const std::vector<StoredName>& stored);

} // namespace purser
