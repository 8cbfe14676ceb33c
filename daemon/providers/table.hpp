#pragma once

#include "common/registry_key.hpp"
#include "daemon/providers/token_provider.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace purser {

// One kind of registry that we mint tokens for.
struct ProviderSpec {
  std::string_view name; // as `provider` in the configuration
  // Whether it answers for this key where no rule of the configuration does.
  bool (*serves)(const RegistryKey& key);
  // Whether a client without credentials may rightly go on.
  bool (*anonymous)(const RegistryKey& key);
  TokenProvider* provider;
};

// All kinds; the first that serves a key answers. Built in main, which owns the
// providers.
class ProviderTable {
public:
  explicit ProviderTable(std::vector<ProviderSpec> specs) : specs_(std::move(specs)) {}

  // Null where there is none; valid as long as the table.
  [[nodiscard]] const ProviderSpec* named(std::string_view name) const
  {
    for (const ProviderSpec& spec : specs_)
      if (spec.name == name) return &spec;
    return nullptr;
  }
  [[nodiscard]] const ProviderSpec* serving(const RegistryKey& key) const
  {
    for (const ProviderSpec& spec : specs_)
      if (spec.serves(key)) return &spec;
    return nullptr;
  }

  [[nodiscard]] const std::vector<ProviderSpec>& all() const { return specs_; }

private:
  std::vector<ProviderSpec> specs_;
};

} // namespace purser
