#pragma once

#include "common/registry_key.hpp"

#include <span>

namespace purser::helper {

// Whether purser answers for a registry, as far as that is known without the daemon.
enum class Managed {
  no,
  yes,
  unknown, // the index is there and cannot be read
};

// ECR's own hosts, and what the daemon's index of managed hosts lists
// (docs/protocol.md). `scratch` takes the index.
[[nodiscard]] Managed look_up(const RegistryKey& key, std::span<char> scratch);

} // namespace purser::helper
