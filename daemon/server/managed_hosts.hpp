#pragma once

#include "common/result.hpp"
#include "daemon/config/rule.hpp"
#include "daemon/store/credential_store.hpp"

#include <string>
#include <vector>

namespace purser {

// The lines of the index that tells a helper without a daemon which registries are
// ours (docs/protocol.md, "The index of managed hosts"): sorted, each once.
[[nodiscard]] std::string managed_hosts(const std::vector<Rule>& rules,
                                        const std::vector<StoredName>& stored);

// Replaces the file at `path` (0600) as a whole, and makes its folder (0700) if need
// be. Blocks: not for the event loop.
[[nodiscard]] Result<> write_managed_hosts(const std::string& path, const std::string& lines);

} // namespace purser
