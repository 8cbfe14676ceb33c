#include "daemon/server/bazel_handler.hpp"

#include "common/protocol.hpp"
#include "daemon/server/bazel_messages.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/server/json_answer.hpp"
#include "daemon/server/keeping_time.hpp"
#include "daemon/server/spoken_error.hpp"
#include "daemon/server/trail.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace purser {
namespace asio = boost::asio;

namespace {

constexpr std::string_view k_path = "/v1/bazel/get";
static_assert(k_path.starts_with(protocol::k_bazel_path));

ServerResponse json(WipingBuffer body)
{
  ServerResponse response;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

bool is_loopback(std::string_view host)
{
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

// So that there is time to answer with something else.
constexpr Duration k_left_for_answer = std::chrono::milliseconds(500);

bool is_unreachable(Errc code)
{
  return code == Errc::transient || code == Errc::timeout || code == Errc::protocol_error;
}

// Why a credential must not be sent to this URI, although there is one for its registry.
std::optional<Error> objection(const RegistryUrl& url, bool local)
{
  if (url.names_user)
    return Error{Errc::unsafe, "the URI names a user of its own; take what stands in front of @ "
                               "out of it"};
  if (url.plain && !(local && is_loopback(url.key->host())))
    return Error{Errc::unsafe, "the URI is http, over which everybody on the way could read the "
                               "credential; use https"};
  if (url.unclear_path)
    return Error{Errc::unsafe, "the URI's path has escapes or dot segments, so it is unclear which "
                               "repository it leads to; write it without"};
  return std::nullopt;
}

} // namespace

asio::awaitable<ServerResponse> BazelHandler::handle(ServerRequest request)
{
  AuditEvent trail = begin_trail("bazel-get", request.peer, clock_.wall());
  if (request.target != k_path)
    co_return spoken_error(trail, {Errc::bad_request, "this daemon does not know that path"});
  auto body = docker::parse_helper_body(request.body_text());
  if (!body) co_return spoken_error(trail, body.error());
  const auto uri = bazel::parse_request(body->input);
  const auto asker =
      std::make_shared<const Asker>(std::move(body->env), std::move(body->cwd), request.peer.local);

  co_await reload_();
  ServerResponse response;
  if (uri) {
    const RegistryUrl url = parse_registry_url(*uri);
    if (url.key) trail.registry = std::string(url.key->text());
    response = co_await answer(url, asker, request.patience, trail);
  } else {
    response = spoken_error(trail, uri.error());
  }
  trail.took = clock_.now() - request.received_at;
  audit_.add(std::move(trail));
  co_return response;
}

asio::awaitable<ServerResponse> BazelHandler::answer(RegistryUrl url,
                                                     std::shared_ptr<const Asker> asker,
                                                     Duration patience,
                                                     AuditEvent& trail)
{
  if (url.kind == RegistryUrl::Kind::elsewhere) {
    trail.outcome = to_string(Errc::not_configured);
    co_return json(bazel::no_headers());
  }
  if (url.kind == RegistryUrl::Kind::malformed)
    co_return spoken_error(trail, {Errc::bad_request, "the URI is malformed, or its host is no "
                                                      "registry's name; expected "
                                                      "https://HOST[:PORT]/PATH"});
  const bool local = asker->local;
  Inquiry inquiry(*url.key, std::move(asker), patience);
  const auto handout = co_await credentials_.get(inquiry, trail);
  if (!handout && handout.error().code == Errc::not_configured) {
    trail.outcome = to_string(Errc::not_configured);
    co_return json(bazel::no_headers());
  }
  // Last, so that it is said only of registries that there is a credential for.
  if (const auto refused = objection(url, local)) co_return spoken_error(trail, *refused);
  if (!handout) co_return spoken_error(trail, handout.error());

  if (!handout->stored_as.empty()) {
    const auto access = co_await token(std::move(inquiry));
    if (!access) co_return spoken_error(trail, access.error());
    if (*access) {
      const Handout life({}, {}, (*access)->expires_at);
      const WipingBuffer value = (*access)->authorization();
      co_return json(bazel::headers({value.data(), value.size()}, expires(life)));
    }
  }
  auto headers = bazel::headers(*handout, expires(*handout));
  if (!headers) co_return spoken_error(trail, headers.error());
  co_return json(std::move(*headers));
}

std::string BazelHandler::expires(const Handout& handout) const
{
  const BootTime now = clock_.now();
  const auto keep = keeping_time(handout, now);
  return keep ? civil(now + *keep, clock_) : std::string();
}

asio::awaitable<Result<std::optional<AccessToken>>> BazelHandler::token(Inquiry inquiry)
{
  const std::string repository(inquiry.key.repository());
  if (tokens_ == nullptr || repository.empty()) co_return std::optional<AccessToken>();
  auto pull = ScopeSet::repository(repository, "pull");
  if (!pull) co_return std::optional<AccessToken>();
  inquiry.patience = std::max(inquiry.patience - k_left_for_answer, Duration::zero());
  AuditEvent aside; // who answered stands in the request's own already
  auto access = co_await tokens_->token(TokenInquiry(std::move(inquiry), std::move(*pull)), aside);
  if (access && access->scheme == AccessToken::Scheme::bearer)
    co_return std::optional(std::move(*access));
  if (access || is_unreachable(access.error().code)) co_return std::optional<AccessToken>();
  co_return access.error();
}

} // namespace purser
