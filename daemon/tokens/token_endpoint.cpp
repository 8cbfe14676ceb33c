#include "daemon/tokens/token_endpoint.hpp"

#include "daemon/http/url.hpp"
#include "daemon/registry/http_date.hpp"
#include "daemon/registry/registry_quirks.hpp"
#include "daemon/registry/token_refusal.hpp"
#include "daemon/tokens/endpoint_messages.hpp"

#include <chrono>
#include <vector>

namespace purser {
namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_max_realms = 1024;
constexpr Duration k_remembered = 24h;

// The statuses with which an endpoint says that it is asked otherwise.
bool wants_other_method(unsigned status)
{
  return status == 400 || status == 404 || status == 405;
}

std::string host_of(const std::string& realm)
{
  const auto url = parse_url(realm);
  return url ? url->authority() : realm;
}

bool takes_password_post(const TokenQuestion& question)
{
  const auto url = parse_url(question.realm);
  const auto path = url ? url->target.substr(0, url->target.find('?')) : std::string();
  const auto host = question.registry.substr(0, question.registry.find(':'));
  return registry_quirks(host, path).password_post;
}

Error no_oauth(const std::string& host)
{
  return with_remedy({Errc::misconfigured,
                      host +
                          " has no OAuth2 token endpoint, which an identity token is for: log in "
                          "with a user name and password"});
}

} // namespace

TokenEndpoint::TokenEndpoint(Clock& clock, HttpClient& http)
  : clock_(clock), http_(http), posts_(k_max_realms, k_remembered)
{
}

asio::awaitable<Exchanged> TokenEndpoint::ask(std::shared_ptr<const TokenQuestion> question)
{
  if (question->by_identity_token()) co_return co_await ask_refresh_token(std::move(question));
  if (auto checked = check_expressible(*question); !checked)
    co_return Exchanged(checked.error(), clock_.now());
  co_return co_await ask_password(std::move(question));
}

asio::awaitable<Exchanged> TokenEndpoint::ask_password(QuestionPtr question)
{
  const bool may_post = !question->anonymous() && takes_password_post(*question);
  const bool known_post = may_post && posts_.find(question->realm, clock_.now()) != nullptr;
  BootTime sent = clock_.now();
  HttpRequest request = known_post ? password_request(*question) : get_request(*question);
  auto response = co_await http_.send(std::move(request));
  if (!response) co_return Exchanged(response.error(), sent);
  if (known_post || !may_post || !wants_other_method(response->status))
    co_return judge(*question, *response, sent);

  sent = clock_.now();
  HttpRequest other = password_request(*question);
  const auto second = co_await http_.send(std::move(other));
  // What the first refusal said is the better reason where this is no way either.
  if (!second || wants_other_method(second->status)) co_return judge(*question, *response, sent);
  Exchanged exchanged = judge(*question, *second, sent);
  if (exchanged.grant) posts_.put(question->realm, true, clock_.now());
  co_return exchanged;
}

asio::awaitable<Exchanged> TokenEndpoint::ask_refresh_token(QuestionPtr question)
{
  const BootTime sent = clock_.now();
  HttpRequest request = refresh_request(*question);
  const auto response = co_await http_.send(std::move(request));
  if (!response) co_return Exchanged(response.error(), sent);
  if (response->status == 404 || response->status == 405)
    co_return Exchanged(no_oauth(host_of(question->realm)), sent);
  co_return judge(*question, *response, sent);
}

Exchanged TokenEndpoint::judge(const TokenQuestion& question,
                               const HttpResponse& response,
                               BootTime sent) const
{
  const std::string host = host_of(question.realm);
  const auto date = response.header("Date");
  const WallTime server_now = date ? parse_http_date(*date).value_or(clock_.wall()) : clock_.wall();
  if (response.status == 200)
    return Exchanged(parse_token_grant(response.body, host, server_now), sent);
  const auto wait = response.header("Retry-After");
  const auto retry_after = wait ? parse_retry_after(*wait, server_now) : std::nullopt;
  std::vector<std::string_view> secrets;
  if (!question.secret.empty()) secrets.push_back(question.secret.reveal());
  Exchanged refused(token_refusal(response.status, response.body, retry_after, host, secrets),
                    sent);
  const Errc code = refused.grant.error().code;
  refused.credential_refused =
      !question.anonymous() && (code == Errc::rejected || code == Errc::throttled);
  return refused;
}

} // namespace purser
