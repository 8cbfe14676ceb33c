#pragma once

#include "daemon/config/web_identity_rule.hpp"
#include "daemon/providers/aws/chain.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The sources of credentials, one file each. Each gives where keys come from, nothing where
// it is not configured, or an error where it is configured and cannot be used.
namespace purser::aws::sources {

using Found = Result<std::optional<FoundSource>>;

[[nodiscard]] Found rule_profile(const ChainInput& input);
[[nodiscard]] Found environment_keys(const ChainInput& input);
[[nodiscard]] Found environment_web_identity(const ChainInput& input);
[[nodiscard]] Found selected_profile(const ChainInput& input);
[[nodiscard]] Found container(const ChainInput& input);
// Where nothing but the machine is left: nothing names it, so nothing can be wrong with it.
[[nodiscard]] Found instance_metadata(const ChainInput& input);

// The program that a profile names.
[[nodiscard]] Found credential_process(const ChainInput& input,
                                       std::string_view command,
                                       const std::string& name,
                                       const std::string& place);

// instance_metadata(), asked for by a profile's credential_source.
[[nodiscard]] Found named_instance_metadata(const ChainInput& input);

// Beside the chain: the web identity that a rule names, for its role. misconfigured where the
// request does not bring it.
[[nodiscard]] Result<FoundSource>
rule_web_identity(const Standpoint& standpoint, RoleRequest role, const WebIdentityRule& rule);
// The variables of the request that decide which one it is.
[[nodiscard]] std::vector<std::string> variables_of(const WebIdentityRule& rule);

// For a source that is not configured. `why` says what is not there, and is heard only where
// somebody wants to know.
[[nodiscard]] inline Found nothing(const ChainInput& input, std::string_view why)
{
  if (input.trace != nullptr) input.trace->absent_because = why;
  return std::optional<FoundSource>{};
}

// Why files that variables name count for nothing.
inline constexpr std::string_view k_foreign_files =
    "files count only for requests of the daemon's own mount namespace";
} // namespace purser::aws::sources
