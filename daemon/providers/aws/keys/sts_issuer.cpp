#include "daemon/providers/aws/keys/sts_issuer.hpp"

#include "daemon/providers/aws/endpoint.hpp"
#include "daemon/providers/aws/keys/sts_messages.hpp"

#include <algorithm>
#include <utility>

namespace purser::aws {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

// The file, where there is one: it says more than whoever named it.
const std::string& token_place(const AwsSource& source)
{
  const auto* identity = std::get_if<WebIdentity>(&source.origin);
  return identity == nullptr ? source.place : identity->token_file;
}

} // namespace

asio::awaitable<Obtained>
StsIssuer::assume(AwsSourcePtr source, AwsKeys keys, Egress egress, std::string url)
{
  auto role = std::get<AssumedRole>(source->origin).role;
  // As AWS has it for a session that asks for another one.
  if (!source->base->has_keys()) role.duration = std::min<std::chrono::seconds>(role.duration, 1h);
  Attempt asked;
  asked.host = host_of(url);
  asked.place = source->base->place;
  asked.check = check_of(*source->base);
  asked.actions = "sts:AssumeRole on " + role.arn + " (and in the trust policy of that role)";
  HttpRequest request = assume_role_request(std::move(url), role, session_name());
  request.egress = std::move(egress);
  SigningScope scope(source->issuer.region, std::string(k_sts.signing_name));
  const auto answer =
      co_await signed_http_.send(std::move(request), std::move(keys), std::move(scope));
  if (!answer) co_return answer.error();
  co_return read_issued_keys(answer->response, answer->sent_at, parse_sts_keys, asked, clock_);
}

asio::awaitable<Obtained>
StsIssuer::show_web_identity(AwsSourcePtr source, Secret secret, Egress egress, std::string url)
{
  const auto token = co_await tokens_.get(source, std::move(secret), egress);
  if (!token) co_return token.error();
  const RoleRequest& role = *web_identity_role(source->origin);
  Attempt asked;
  asked.host = host_of(url);
  asked.credential = "web identity token";
  asked.place = token_place(*source);
  asked.actions =
      "sts:AssumeRoleWithWebIdentity for its issuer and subject in the trust policy of " + role.arn;
  HttpRequest request = web_identity_request(std::move(url), role, session_name(), *token);
  request.egress = std::move(egress);
  const auto sent_at = clock_.now();
  const auto response = co_await http_.send(std::move(request));
  if (!response) co_return response.error();
  co_return read_issued_keys(*response, sent_at, parse_sts_keys, asked, clock_);
}

// As CloudTrail shows it.
std::string StsIssuer::session_name() const
{
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch());
  return "purser-" + std::to_string(seconds.count());
}

} // namespace purser::aws
