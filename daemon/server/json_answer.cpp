#include "daemon/server/json_answer.hpp"

#include "daemon/renewal/policy.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/time/civil_text.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace purser {
namespace {

unsigned status_of(Errc code)
{
  switch (code) {
  case Errc::bad_request: return 400;
  case Errc::rejected:
  case Errc::forbidden:
  case Errc::unsafe: return 403;
  case Errc::not_configured: return 404;
  case Errc::misconfigured:
  case Errc::interaction_required: return 409;
  case Errc::throttled: return 429;
  case Errc::internal: return 500;
  case Errc::timeout: return 504;
  default: return 502;
  }
}

} // namespace

ServerResponse json_response(unsigned status, const Json& json)
{
  constexpr int k_indent = 2;
  const auto text = json.dump(k_indent, ' ', false, Json::error_handler_t::replace);
  ServerResponse response(status, text);
  response.body.push_back('\n');
  response.content_type = "application/json";
  return response;
}

ServerResponse json_error(unsigned status, Errc code, std::string_view message)
{
  Json error;
  error["code"] = to_string(code);
  error["message"] = message;
  error["host"] = nullptr;
  error["retry_at"] = nullptr;
  return json_response(status, Json{{"error", error}});
}

ServerResponse json_failure(const Error& failure,
                            std::string_view host,
                            const Clock& clock,
                            std::string_view outcome)
{
  Json error;
  error["code"] = to_string(failure.code);
  if (!outcome.empty()) error["outcome"] = outcome;
  std::string message = docker::explained(failure);
  if (message.find(host) == std::string::npos) message.insert(0, std::string(host) + ": ");
  error["message"] = std::move(message);
  error["host"] = host.empty() ? Json(nullptr) : Json(host);
  error["retry_at"] =
      failure.retry_after ? Json(civil(clock.now() + *failure.retry_after, clock)) : Json(nullptr);
  return json_response(status_of(failure.code), Json{{"error", error}});
}

std::optional<ServerResponse> refuse_all_but_post(const ServerRequest& request,
                                                  std::string_view path)
{
  if (request.target != path)
    return json_error(404, Errc::bad_request, "no such path; see docs/protocol.md");
  if (request.method != "POST")
    return json_error(405, Errc::bad_request, "only POST is known here");
  return std::nullopt;
}

long long whole_seconds(Duration d)
{
  return std::chrono::duration_cast<std::chrono::seconds>(d).count();
}

std::string civil(WallTime at)
{
  return civil_text(at);
}

std::string civil(BootTime at, const Clock& clock)
{
  return civil(clock.wall() + (at - clock.now()));
}

Json token_json(const RenewalView& token, const Clock& clock)
{
  if (!token.life) return nullptr;
  const BootTime now = clock.now();
  Json json;
  json["state"] = state_name(token, now);
  json["age_seconds"] = whole_seconds(now - token.life->sent_at);
  json["remaining_seconds"] =
      whole_seconds(std::max(token.life->expires_at - now, Duration::zero()));
  json["expires_at"] = civil(token.life->expires_at, clock);
  return json;
}

std::string_view state_name(const RenewalView& view, BootTime now)
{
  if (!view.life) return "none";
  switch (freshness(*view.life, now)) {
  case Freshness::fresh: return "fresh";
  case Freshness::due: return "due";
  case Freshness::critical: return "critical";
  case Freshness::expired: return "expired";
  }
  return "none";
}

} // namespace purser
