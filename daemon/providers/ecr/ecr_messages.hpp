#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/time/clock.hpp"

#include <string>
#include <string_view>
#include <utility>

// The only file that knows what ECR sends and expects.
//
// Source: GetAuthorizationToken in the API references of Amazon ECR and ECR Public.
namespace purser::ecr {

enum class Api { ecr, ecr_public };

// An answer of GetAuthorizationToken.
struct IssuedPassword {
  IssuedPassword(std::string u, Secret p, WallTime e)
    : username(std::move(u)), password(std::move(p)), expires_at(e)
  {
  }

  std::string username;
  Secret password;
  WallTime expires_at; // by AWS's clock
};

// GetAuthorizationToken, not yet signed.
[[nodiscard]] HttpRequest token_request(Api api, std::string url);

// protocol_error, without a word of the body, where it is not such an answer or the token
// in it is none: a user name and a password of printable ASCII.
[[nodiscard]] Result<IssuedPassword> parse_token(Api api, std::string_view body);

} // namespace purser::ecr
