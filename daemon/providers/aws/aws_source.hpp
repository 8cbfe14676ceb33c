#pragma once

#include "daemon/providers/aws/key_origin.hpp"
#include "daemon/providers/aws/profile_settings.hpp"
#include "daemon/time/clock.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace purser::aws {

// Where STS, the portal of SSO, or AWS Sign-In is asked.
struct Issuer {
  std::string region;
  std::vector<std::string> urls; // the likeliest first
};

// Whose keys a request means, resolved.
struct AwsSource {
  std::string place;                  // in a sentence: `profile "prod"`, `the environment`
  std::optional<std::string> profile; // where it is one
  std::string fingerprint;   // keyed digest of the keys, or of where they come from, and of all
                             // properties of the profile
  std::string sealed_secret; // the keys, a container's, a job's or a request's token, a program
  KeyOrigin origin;          // without its secrets
  std::shared_ptr<const AwsSource> base; // whose keys a role is asked for with
  Issuer issuer;                         // of roles, web identities and sessions
  std::string sso_oidc_url;
  std::string stamp; // another one where a file with a token has changed; no part of the identity
  std::optional<WallTime> token_end; // of a token that came with the request
  ProfileSettings settings;

  [[nodiscard]] bool has_keys() const { return std::holds_alternative<AwsKeys>(origin); }
};

using AwsSourcePtr = std::shared_ptr<const AwsSource>;

// The command with which a person tries these keys.
[[nodiscard]] inline std::string check_of(const AwsSource& source)
{
  std::string check = "aws sts get-caller-identity";
  if (source.profile) check += " --profile " + *source.profile;
  return check;
}

} // namespace purser::aws
