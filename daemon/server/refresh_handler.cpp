#include "daemon/server/refresh_handler.hpp"

#include "common/duration_text.hpp"
#include "common/protocol.hpp"
#include "common/version.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/server/failure_outcome.hpp"
#include "daemon/server/trail.hpp"

#include <memory>
#include <string>

namespace purser {
namespace asio = boost::asio;

namespace {

Json text_or_null(const std::string& text)
{
  return text.empty() ? Json(nullptr) : Json(text);
}

std::string_view outcome_of(const Refreshed& refreshed, const Diagnosis& diagnosis)
{
  if (refreshed.error) return failure_outcome(refreshed.error->code, diagnosis.trouble);
  if (!refreshed.renewable) return "not_renewable";
  return refreshed.unchanged ? "unchanged" : "renewed";
}

} // namespace

asio::awaitable<ServerResponse> RefreshHandler::handle(ServerRequest request)
{
  if (auto refusal = refuse_all_but_post(request, protocol::k_refresh_path))
    co_return std::move(*refusal);
  auto body = docker::parse_helper_body(request.body_text());
  if (!body) co_return json_error(400, body.error().code, body.error().what);
  const auto key = RegistryKey::parse(docker::trimmed(body->input));
  if (!key) co_return json_error(400, Errc::bad_request, docker::no_registry().what);
  auto asker =
      std::make_shared<Asker>(std::move(body->env), std::move(body->cwd), request.peer.local);
  const auto diagnosis = asker->diagnosis = Diagnosis::of_trouble();

  co_await reload_();
  AuditEvent trail = begin_trail("refresh", request.peer, clock_.wall());
  trail.registry = std::string(key->text());
  Inquiry inquiry(*key, std::move(asker), request.patience);
  const auto refreshed = co_await credentials_.refresh(std::move(inquiry), trail);
  if (refreshed.error) trail.outcome = to_string(refreshed.error->code);
  trail.took = clock_.now() - request.received_at;
  const Json told = answer(refreshed, *diagnosis, trail);
  audit_.add(std::move(trail));
  co_return json_response(200, told);
}

Json RefreshHandler::answer(const Refreshed& refreshed,
                            const Diagnosis& diagnosis,
                            const AuditEvent& trail) const
{
  Json json;
  json["version"] = program_version();
  json["registry"] = trail.registry;
  json["provider"] = text_or_null(trail.provider);
  json["identity"] = text_or_null(refreshed.identity);
  json["source"] = text_or_null(trail.source);
  json["token"] = refreshed.token ? token_json(*refreshed.token, clock_) : Json(nullptr);
  json["outcome"] = outcome_of(refreshed, diagnosis);
  json["code"] = refreshed.error ? Json(to_string(refreshed.error->code)) : Json(nullptr);
  json["conclusion"] = conclusion(refreshed, trail);
  return json;
}

std::string RefreshHandler::conclusion(const Refreshed& refreshed, const AuditEvent& trail) const
{
  const auto& life = refreshed.token ? refreshed.token->life : std::optional<Lifetime>();
  const auto left = [this, &life] { return whole_seconds(life->expires_at - clock_.now()); };
  if (refreshed.error) {
    std::string text = docker::explained(*refreshed.error);
    if (refreshed.token && refreshed.token->in_flight) text += "; the attempt goes on";
    if (life && left() > 0)
      text += "; the token that is held stays in use, for another " + duration_text(left());
    return text;
  }
  if (trail.provider == "override")
    return "what docker login brought is handed out until it ends, and is not renewed; docker "
           "logout drops it";
  if (!refreshed.renewable && !trail.source.empty())
    return "the credential of the " + trail.source +
           " is handed out as it is, and renewed by whoever sets it";
  if (!refreshed.renewable) return "stored credentials are not renewed";
  if (!life) return "the new token was erased meanwhile";
  if (refreshed.unchanged)
    return "the issuer has no token that lives longer than the one that is held, for another " +
           duration_text(left());
  return "a new token lives " + duration_text(left()) + ", until " +
         civil(life->expires_at, clock_);
}

} // namespace purser
