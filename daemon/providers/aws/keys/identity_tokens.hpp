#pragma once

#include "common/secret.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/providers/aws/aws_source.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/awaitable.hpp>

namespace purser::aws {

// Brings the tokens that web identities are shown with: from a file, which is read each time;
// from the endpoint of a CI job, which issues one each time; from the request. No repetition.
class IdentityTokens {
public:
  // Everything is borrowed.
  IdentityTokens(Clock& clock, HttpClient& http, WorkerPool& files)
    : clock_(clock), http_(http), files_(files)
  {
  }

  // `secret` is that of the source, opened: for the endpoint, or the token itself.
  // expired_source for a token at its end that nobody but the next request replaces.
  [[nodiscard]] boost::asio::awaitable<Result<Secret>>
  get(AwsSourcePtr source, Secret secret, Egress egress);

private:
  boost::asio::awaitable<Result<Secret>> issue(AwsSourcePtr source, Secret secret, Egress egress);

  Clock& clock_;
  HttpClient& http_;
  WorkerPool& files_;
};

} // namespace purser::aws
