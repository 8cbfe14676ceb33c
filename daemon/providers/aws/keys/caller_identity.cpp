#include "daemon/providers/aws/keys/caller_identity.hpp"

#include "daemon/providers/aws/aws_error.hpp"
#include "daemon/providers/aws/endpoint.hpp"
#include "daemon/providers/aws/keys/sts_messages.hpp"

#include <utility>

namespace purser::aws {
namespace asio = boost::asio;

asio::awaitable<Result<Principal>> ask_caller_identity(
    Clock& clock, SignedClient& http, AwsSourcePtr source, AwsKeys keys, Issuer sts, Egress egress)
{
  HttpRequest request = caller_identity_request(sts.urls.front());
  request.egress = std::move(egress);
  request.limit = k_caller_identity_limit;
  Attempt asked;
  asked.host = host_of(request.url);
  asked.place = source->place;
  asked.check = check_of(*source);
  asked.actions = "sts:GetCallerIdentity";
  SigningScope scope(sts.region, std::string(k_sts.signing_name));
  const auto answer = co_await http.send(std::move(request), std::move(keys), std::move(scope));
  if (!answer) co_return answer.error();
  const HttpResponse& response = answer->response;
  if (response.status != 200)
    co_return to_error(read_failure(response, time_of(response, clock)), asked);
  auto principal = parse_caller_identity(response.body.reveal());
  if (!principal)
    co_return Error{principal.error().code, asked.host + ": " + principal.error().what};
  co_return principal;
}

} // namespace purser::aws
