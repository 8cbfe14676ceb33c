#include "daemon/providers/aws/keys/identity_tokens.hpp"

#include "daemon/providers/aws/keys/job_messages.hpp"
#include "daemon/providers/aws/keys/token_file.hpp"
#include "daemon/providers/aws/signed_client.hpp"

#include <utility>

namespace purser::aws {
namespace asio = boost::asio;

asio::awaitable<Result<Secret>>
IdentityTokens::get(AwsSourcePtr source, Secret secret, Egress egress)
{
  if (const auto* identity = std::get_if<WebIdentity>(&source->origin))
    co_return co_await read_token_file(files_, clock_, identity->token_file);
  if (std::holds_alternative<JobIdentity>(source->origin))
    co_return co_await issue(std::move(source), std::move(secret), std::move(egress));
  if (source->token_end && *source->token_end <= clock_.wall())
    co_return with_remedy({Errc::expired_source,
                           "the token in " + source->place +
                               " has expired: it lives as long as its job, so ask from a job that "
                               "runs, or give the token a longer life"});
  co_return secret;
}

asio::awaitable<Result<Secret>>
IdentityTokens::issue(AwsSourcePtr source, Secret secret, Egress egress)
{
  const auto& identity = std::get<JobIdentity>(source->origin);
  HttpRequest request = job_token_request(identity.url, identity.audience, secret);
  request.egress = std::move(egress);
  const auto response = co_await http_.send(std::move(request));
  if (!response) co_return response.error();
  const std::string host = host_of(identity.url);
  if (response->status != 200)
    co_return job_token_refusal(host, *response, time_of(*response, clock_));
  auto token = parse_job_token(response->body.reveal());
  if (token) co_return token;
  Error error = token.error();
  error.what = host + ": " + error.what;
  co_return error;
}

} // namespace purser::aws
