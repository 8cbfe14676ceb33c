#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/providers/aws/aws_keys.hpp"
#include "daemon/time/clock.hpp"

#include <string>

namespace purser::aws {

// For whom a signature is good.
struct SigningScope {
  SigningScope(std::string r, std::string s) : region(std::move(r)), service(std::move(s)) {}

  std::string region;
  std::string service;
};

// Signs `request` with AWS Signature Version 4, in its headers: sets X-Amz-Date,
// X-Amz-Security-Token (for session keys) and Authorization, whatever was there before.
// Pure: the same arguments give the same headers. Errors are those of parse_url().
//
// Source: "Create a signed AWS API request" in the AWS IAM user guide, and what the
// AWS SDKs do where it is silent (which headers are left out, how a path is cleaned).
[[nodiscard]] Result<>
sign(HttpRequest& request, const AwsKeys& keys, const SigningScope& scope, WallTime now);

// What the signature is made of; for tests.
[[nodiscard]] Result<std::string> canonical_request(const HttpRequest& request);

} // namespace purser::aws
