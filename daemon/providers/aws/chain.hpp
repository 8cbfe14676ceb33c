#pragma once

#include "common/result.hpp"
#include "daemon/providers/aws/aws_keys.hpp"
#include "daemon/providers/aws/profile_choice.hpp"
#include "daemon/providers/aws/profiles.hpp"
#include "daemon/providers/standpoint.hpp"

#include <optional>
#include <string>
#include <utility>

namespace purser::aws {

// What the chain looks at. Everything was read before: the chain itself is pure.
struct ChainInput {
  const Standpoint& standpoint;
  const Profiles& profiles;
  const ProfileChoice& choice;
};

// Keys, and where they were found.
struct FoundKeys {
  FoundKeys(AwsKeys k, std::string n, std::optional<std::string> p)
    : keys(std::move(k)), place(std::move(n)), profile(std::move(p))
  {
  }

  AwsKeys keys;
  std::string place;                  // `profile "prod"`, `the environment`
  std::optional<std::string> profile; // where it was one
};

// Asks the sources of credentials in the order of the AWS SDKs (the rule's profile, keys in
// the environment, web identity in the environment, the chosen profile, the container's
// endpoint) and gives the keys of the first that is configured.
//
// A source that is configured and cannot be used is an error that names it, never a reason
// to ask the next one. Errc::not_configured where no source is configured.
[[nodiscard]] Result<FoundKeys> find_keys(const ChainInput& input);

} // namespace purser::aws
