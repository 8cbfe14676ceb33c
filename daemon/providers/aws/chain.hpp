#pragma once

#include "common/result.hpp"
#include "daemon/providers/aws/chain_trace.hpp"
#include "daemon/providers/aws/key_origin.hpp"
#include "daemon/providers/aws/profile_choice.hpp"
#include "daemon/providers/aws/profiles.hpp"
#include "daemon/providers/standpoint.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser::aws {

// What the chain looks at. Everything was read before: the chain itself is pure.
struct ChainInput {
  const Standpoint& standpoint;
  const Profiles& profiles;
  const ProfileChoice& choice;
  // Whether the metadata of the machine count where nothing names them.
  bool machine_counts = true;
  // NAME=VALUE: what the rule has programs told beyond the asker's variables.
  std::vector<std::string> environment{};
  ChainTrace* trace = nullptr; // null: nobody wants to know why
};

// Where the keys of a request come from.
struct FoundSource {
  FoundSource(KeyOrigin o, std::string n, std::optional<std::string> p)
    : origin(std::move(o)), place(std::move(n)), profile(std::move(p))
  {
  }

  KeyOrigin origin;
  std::string place;                  // `profile "prod"`, `the environment`
  std::optional<std::string> profile; // where it was one
  std::unique_ptr<FoundSource> base;  // whose keys an AssumedRole is asked for with
};

// Asks the sources of credentials in the order of the AWS SDKs (the rule's profile, keys in
// the environment, web identity in the environment, the chosen profile, the container's
// endpoint, the machine's metadata) and gives the first that is configured.
//
// A source that is configured and cannot be used is an error that names it, never a reason
// to ask the next one. Errc::not_configured where no source is configured.
[[nodiscard]] Result<FoundSource> find_source(const ChainInput& input);

// Adds to `trace` what came of a source that stands outside the chain. `name` is a literal.
void tell(ChainTrace& trace, std::string_view name, const Result<FoundSource>& found);

// The end of an error for those who have no credentials at all.
[[nodiscard]] Error no_credentials();

} // namespace purser::aws
