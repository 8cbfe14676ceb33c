#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/time/clock.hpp"

#include <string>
#include <string_view>

// The endpoint that issues a CI job its identity tokens. Source: GitHub's "OpenID Connect
// reference" and actions/toolkit, oidc-utils.ts; Forgejo and Gitea do the same.
namespace purser::aws {

[[nodiscard]] HttpRequest
job_token_request(std::string url, std::string_view audience, const Secret& request_token);

// The JWT in an answer. protocol_error where there is none.
[[nodiscard]] Result<Secret> parse_job_token(std::string_view body);

// Why there was no token: for an answer of another status than 200 from `host`.
[[nodiscard]] Error
job_token_refusal(const std::string& host, const HttpResponse& response, WallTime now);

} // namespace purser::aws
