#include "daemon/providers/aws/keys/sso_issuer.hpp"

#include "daemon/providers/aws/keys/sso_messages.hpp"
#include "daemon/providers/aws/signed_client.hpp"
#include "daemon/providers/file_limit.hpp"

#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

namespace purser::aws {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration k_sso_margin = 5min; // renewed when it has less left
// The aws command writes into the file that is there, a moment after it got a token.
constexpr Duration k_writing = 250ms;
constexpr Duration k_look_again = 50ms;

Error login_error(const SsoSession& session, std::string_view why)
{
  return Error{Errc::interaction_required, "the SSO session of profile \"" + session.profile +
                                               "\" " + std::string(why) +
                                               ": run: aws sso login --profile " + session.profile};
}

} // namespace

asio::awaitable<Obtained> SsoIssuer::ask_portal(AwsSourcePtr source, Egress egress, std::string url)
{
  const auto& session = std::get<SsoSession>(source->origin);
  const auto token = co_await live_token(source, egress);
  if (!token) co_return token.error();
  Attempt asked;
  asked.host = host_of(url);
  asked.credential = "SSO user";
  asked.place = source->place;
  asked.actions = "role " + session.role_name + " of account " + session.account_id;
  HttpRequest request = role_credentials_request(std::move(url), session, token->access_token);
  request.egress = std::move(egress);
  const auto sent_at = clock_.now();
  const auto response = co_await http_.send(std::move(request));
  if (!response) co_return response.error();
  if (response->status == 401) co_return login_error(session, "was ended by AWS");
  if (response->status == 403 || response->status == 404)
    co_return Error{Errc::forbidden,
                    asked.host + ": the SSO user of " + source->place + " has no role " +
                        session.role_name + " in account " + session.account_id + " (" +
                        shown_code(read_failure(*response, time_of(*response, clock_))) +
                        "): have it assigned in IAM Identity Center, or correct the profile"};
  co_return read_issued_keys(*response, sent_at, parse_role_credentials, asked, clock_);
}

asio::awaitable<Result<SsoToken>> SsoIssuer::live_token(AwsSourcePtr source, Egress egress)
{
  const auto& session = std::get<SsoSession>(source->origin);
  FileSessions<SsoToken>::Steps steps;
  steps.read = [this, source] { return read(std::get<SsoSession>(source->origin)); };
  steps.wants_renewal = [this, renewable = session.renewable](const SsoToken& token) {
    const WallTime now = clock_.wall();
    return renewable && token.expires_at - now <= k_sso_margin && token.renewable(now);
  };
  steps.renew = [this, source, egress](std::shared_ptr<const SsoToken> token) {
    return renew(source, egress, std::move(token));
  };
  steps.ended = login_error(session, "has ended");
  co_return co_await sessions_.live(session.token_file, std::move(steps));
}

asio::awaitable<Result<SsoToken>> SsoIssuer::read(SsoSession session)
{
  const auto until = clock_.now() + k_writing;
  for (;;) {
    auto job = [path = session.token_file] { return read_sso_token(path); };
    auto read = co_await within_file_limit(clock_, session.token_file,
                                           files_.run<std::optional<SsoToken>>(std::move(job)));
    if (!read) co_return read.error();
    if (*read) co_return std::move(**read);
    if (clock_.now() >= until) co_return login_error(session, "is not there");
    co_await clock_.sleep_until(clock_.now() + k_look_again);
  }
}

asio::awaitable<Result<SsoToken>>
SsoIssuer::renew(AwsSourcePtr source, Egress egress, std::shared_ptr<const SsoToken> token)
{
  const auto& session = std::get<SsoSession>(source->origin);
  auto renewed = co_await ask_oidc(source, std::move(egress), token);
  if (!renewed && is_temporary(renewed.error().code)) co_return renewed.error();
  if (!renewed) co_return login_error(session, "cannot be renewed");
  const auto shared = std::make_shared<RenewedSsoToken>(std::move(*renewed));
  const std::string path = session.token_file;
  auto job = [path, token, shared] { return edited_sso_file(path, *token, *shared); };
  const auto written = co_await write(path, std::move(job));
  if (!written)
    spdlog::warn("the renewed SSO session of {} could not be written: {}", source->place,
                 written.error().what);
  SsoToken result;
  result.access_token = shared->access_token.clone();
  result.expires_at = shared->expires_at;
  co_return result;
}

asio::awaitable<Result<>> SsoIssuer::write(std::string path, EditedFile edited)
{
  auto text = co_await within_file_limit(clock_, path,
                                         files_.run<std::optional<Secret>>(std::move(edited)));
  if (!text) co_return text.error();
  if (!*text) co_return Result<>(); // somebody else was there meanwhile
  co_return co_await programs_.keep_session(std::move(path), std::move(**text));
}

asio::awaitable<Result<RenewedSsoToken>>
SsoIssuer::ask_oidc(AwsSourcePtr source, Egress egress, std::shared_ptr<const SsoToken> token)
{
  Attempt asked;
  asked.host = host_of(source->sso_oidc_url);
  asked.credential = "SSO session";
  asked.place = source->place;
  HttpRequest request = create_token_request(source->sso_oidc_url, *token);
  request.egress = std::move(egress);
  const auto response = co_await http_.send(std::move(request));
  if (!response) co_return response.error();
  const WallTime now = time_of(*response, clock_);
  if (response->status != 200) co_return to_error(read_failure(*response, now), asked);
  co_return parse_created_token(response->body.reveal(), clock_.wall());
}

} // namespace purser::aws
