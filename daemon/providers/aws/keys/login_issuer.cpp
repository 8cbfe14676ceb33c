#include "daemon/providers/aws/keys/login_issuer.hpp"

#include "daemon/formats/base64url.hpp"
#include "daemon/providers/aws/keys/dpop.hpp"
#include "daemon/providers/aws/keys/login_messages.hpp"
#include "daemon/providers/aws/signed_client.hpp"
#include "daemon/providers/file_limit.hpp"
#include "daemon/seal/sealing_key.hpp"

#include <spdlog/spdlog.h>

#include <optional>

namespace purser::aws {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr Duration k_margin = 5min; // renewed when it has less left

std::string command(const LoginSession& session)
{
  return ": run: aws login --profile " + session.profile;
}

Error login_error(const LoginSession& session, std::string_view why)
{
  return Error{Errc::interaction_required, "the session of \"aws login\" of profile \"" +
                                               session.profile + "\" " + std::string(why) +
                                               command(session)};
}

LoginToken clone(const LoginToken& token)
{
  LoginToken copy;
  copy.keys = AwsKeys(token.keys.access_key_id, token.keys.secret.clone(),
                      token.keys.session_token.clone());
  copy.expires_at = token.expires_at;
  return copy;
}

} // namespace

asio::awaitable<Obtained> LoginIssuer::get(AwsSourcePtr source, Egress egress, std::string url)
{
  const auto& session = std::get<LoginSession>(source->origin);
  FileSessions<LoginToken>::Steps steps;
  steps.read = [this, source] { return read(source); };
  steps.wants_renewal = [this](const LoginToken& token) {
    return token.expires_at - clock_.wall() <= k_margin;
  };
  steps.renew = [this, source, egress, url](TokenPtr token) {
    return renew(source, egress, url, std::move(token));
  };
  steps.ended = login_error(session, "has ended");
  auto token = co_await sessions_.live(session.token_file, std::move(steps));
  if (!token) co_return token.error();
  const Duration life = token->expires_at - clock_.wall();
  co_return Fetched<IssuedKeys>(IssuedKeys(std::move(token->keys), token->expires_at), clock_.now(),
                                life);
}

asio::awaitable<Result<LoginToken>> LoginIssuer::read(AwsSourcePtr source)
{
  const auto& session = std::get<LoginSession>(source->origin);
  auto job = [path = session.token_file] { return read_login_token(path); };
  auto read = co_await within_file_limit(clock_, session.token_file,
                                         files_.run<std::optional<LoginToken>>(std::move(job)));
  if (!read && read.error().code == Errc::misconfigured)
    co_return with_remedy({Errc::misconfigured, read.error().what + command(session)});
  if (!read) co_return read.error();
  if (!*read) co_return login_error(session, "is not there");
  co_return std::move(**read);
}

asio::awaitable<Result<LoginToken>>
LoginIssuer::renew(AwsSourcePtr source, Egress egress, std::string url, TokenPtr token)
{
  auto renewed = co_await ask(source, std::move(egress), std::move(url), token);
  if (!renewed) co_return renewed.error();
  const auto shared = std::make_shared<const LoginToken>(std::move(*renewed));
  const std::string path = std::get<LoginSession>(source->origin).token_file;
  auto job = [path, token, shared] { return edited_login_file(path, *token, *shared); };
  const auto written = co_await write(path, std::move(job));
  if (!written)
    spdlog::warn("the renewed session of \"aws login\" of {} could not be written: {}",
                 source->place, written.error().what);
  co_return clone(*shared);
}

asio::awaitable<Result<>> LoginIssuer::write(std::string path, EditedFile edited)
{
  auto text = co_await within_file_limit(clock_, path,
                                         files_.run<std::optional<Secret>>(std::move(edited)));
  if (!text) co_return text.error();
  if (!*text) co_return Result<>(); // somebody else was there meanwhile
  co_return co_await programs_.keep_session(std::move(path), std::move(**text));
}

asio::awaitable<Result<LoginToken>>
LoginIssuer::ask(AwsSourcePtr source, Egress egress, std::string url, TokenPtr token)
{
  const auto& session = std::get<LoginSession>(source->origin);
  url += "v1/token";
  const auto id = encode_base64url(random_key_bytes().reveal());
  auto proof = dpop_proof(token->dpop_key, url, clock_.wall(), id);
  if (!proof)
    co_return with_remedy(
        {proof.error().code, session.token_file + " " + proof.error().what + command(session)});
  HttpRequest request = login_token_request(std::move(url), *token, std::move(*proof));
  request.egress = std::move(egress);
  const auto response = co_await http_.send(std::move(request));
  if (!response) co_return response.error();
  if (response->status != 200) co_return refusal(*source, *response);
  co_return parse_login_token(response->body.reveal(), clock_.wall());
}

Error LoginIssuer::refusal(const AwsSource& source, const HttpResponse& response) const
{
  const auto& session = std::get<LoginSession>(source.origin);
  const std::string word = login_refusal(response.body.reveal());
  const std::string host = host_of(source.issuer.urls.front());
  if (word == "INSUFFICIENT_PERMISSIONS")
    return with_remedy(
        {Errc::forbidden, host + ": whoever logged in as profile \"" + session.profile +
                              "\" may not renew the session (" + word +
                              "): allow signin:CreateOAuth2Token in the IAM policy"});
  if (word == "TOKEN_EXPIRED") return login_error(session, "has ended");
  if (word == "USER_CREDENTIALS_CHANGED")
    return login_error(session, "was ended, since the user's credentials were changed");
  const Failure failure = read_failure(response, time_of(response, clock_));
  if (failure.kind != Errc::protocol_error || failure.is_html || response.status < 400) {
    Attempt asked;
    asked.host = host;
    asked.credential = "session of \"aws login\"";
    asked.place = source.place;
    asked.actions = "signin:CreateOAuth2Token";
    return to_error(failure, asked);
  }
  return login_error(session, "cannot be renewed (" + shown_code(failure) + ")");
}

} // namespace purser::aws
