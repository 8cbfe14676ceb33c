#pragma once

#include "daemon/async/worker.hpp"
#include "daemon/providers/aws/aws_source.hpp"
#include "daemon/providers/aws/keys/identity_tokens.hpp"
#include "daemon/providers/aws/keys/issued_keys.hpp"
#include "daemon/providers/aws/signed_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace purser::aws {

// Asks STS for the keys of a role. One question, no repetition; `url` is where.
class StsIssuer {
public:
  // Everything is borrowed.
  StsIssuer(Clock& clock, HttpClient& http, SignedClient& signed_http, WorkerPool& files)
    : clock_(clock), http_(http), signed_http_(signed_http), tokens_(clock, http, files)
  {
  }

  // With the keys of the source's base.
  [[nodiscard]] boost::asio::awaitable<Obtained>
  assume(AwsSourcePtr source, AwsKeys keys, Egress egress, std::string url);
  // With the token that `secret` leads to: see IdentityTokens.
  [[nodiscard]] boost::asio::awaitable<Obtained>
  show_web_identity(AwsSourcePtr source, Secret secret, Egress egress, std::string url);

private:
  [[nodiscard]] std::string session_name() const;

  Clock& clock_;
  HttpClient& http_;
  SignedClient& signed_http_;
  IdentityTokens tokens_;
};

} // namespace purser::aws
