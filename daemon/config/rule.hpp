#pragma once

#include "daemon/config/env_rule.hpp"
#include "daemon/config/exec_rule.hpp"
#include "daemon/config/web_identity_rule.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace purser {

// One entry of `registries` in the configuration, checked; or what the built-in
// table makes of a host that no entry claims. docs/configuration.md lists the keys.
struct Rule {
  std::string match;    // canonical pattern; empty for the built-in table
  std::string provider; // "ecr", "env", "exec", "store"
  bool anonymous = false;
  // What providers obtain; the default is the file's.
  std::optional<std::chrono::seconds> min_remaining; // of an answer, while the issuer is well
  std::vector<std::string> environment;              // NAME=VALUE, for programs that are run
  // Of tokens by scope.
  std::vector<std::string> realms; // `host[:port]`, lower case: who may be sent its credential
  bool plain_http = false;         // the registry is asked over http
  bool exact_scopes = false;       // no token that has more rights than are wanted
  bool probe = false; // whether the registry is asked about a new token before an old one goes

  // ecr
  std::optional<std::string> profile;
  std::optional<std::string> region;
  std::optional<std::string> endpoint; // URL of the ECR API
  std::optional<std::string> registry; // the ECR host behind a custom domain
  std::optional<std::string> role_arn; // assumed with the keys that would be used otherwise
  std::optional<std::string> role_session_name;
  std::optional<std::string> external_id;
  std::optional<WebIdentityRule> web_identity; // shown for that role, instead of any keys

  std::optional<EnvRule> env;   // for "env"
  std::optional<ExecRule> exec; // for "exec"
};

} // namespace purser
