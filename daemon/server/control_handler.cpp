#include "daemon/server/control_handler.hpp"

#include "common/protocol.hpp"
#include "daemon/async/timeout.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <array>
#include <ctime>

namespace purser {
namespace {

using Json = nlohmann::ordered_json;

constexpr int k_indent = 2;

// Names may come from files and paths, so they need not be UTF-8.
ServerResponse json_response(unsigned status, const Json& json)
{
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

long long seconds(Duration d)
{
  return std::chrono::duration_cast<std::chrono::seconds>(d).count();
}

Json text_or_null(const std::optional<std::string>& text)
{
  return text ? Json(*text) : Json(nullptr);
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

Json entry_json(const TokenCache::Entry& entry, BootTime now)
{
  const RenewalView& view = entry.view;
  Json json;
  json["provider"] = entry.provider;
  json["registries"] = entry.registries;
  json["identity"] = entry.identity;
  json["source"] = entry.source;
  json["state"] = state_name(view, now);
  json["age_seconds"] = view.life ? Json(seconds(now - view.life->sent_at)) : Json(nullptr);
  json["remaining_seconds"] =
      view.life ? Json(seconds(std::max(view.life->expires_at - now, Duration::zero())))
                : Json(nullptr);
  json["renew_in_seconds"] =
      view.life ? Json(seconds(std::max(view.life->renew_at - now, Duration::zero())))
                : Json(nullptr);
  json["last_error"] = view.last_error ? Json(view.last_error->what) : Json(nullptr);
  json["next_attempt_in_seconds"] =
      view.next_try ? Json(seconds(std::max(*view.next_try - now, Duration::zero())))
                    : Json(nullptr);
  return json;
}

// RFC 3339, UTC, whole seconds.
std::string civil(WallTime at)
{
  const std::time_t when = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(at));
  std::tm parts{};
  gmtime_r(&when, &parts);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

Json event_json(const AuditEvent& event)
{
  Json json;
  json["at"] = civil(event.at);
  json["verb"] = event.verb;
  json["registry"] = event.registry;
  json["provider"] = event.provider;
  json["source"] = event.source;
  json["outcome"] = event.outcome;
  json["pid"] = event.pid;
  json["uid"] = event.uid;
  json["local"] = event.local;
  json["executable"] = event.executable;
  json["took_microseconds"] =
      std::chrono::duration_cast<std::chrono::microseconds>(event.took).count();
  return json;
}

} // namespace

boost::asio::awaitable<ServerResponse> ControlHandler::handle(ServerRequest request)
{
  if (request.method != "GET")
    co_return json_error(405, Errc::bad_request, "only GET is known here");
  if (request.target == "/v1/version") co_return version();
  if (request.target == "/v1/status") co_return co_await status();
  if (request.target == "/v1/audit") co_return audit();
  co_return json_error(404, Errc::bad_request, "no such path; see docs/protocol.md");
}

ServerResponse ControlHandler::version() const
{
  return json_response(200, Json{{"version", PURSER_VERSION}, {"protocol", protocol::k_version}});
}

boost::asio::awaitable<ServerResponse> ControlHandler::status()
{
  const auto stored = co_await with_timeout(clock_, k_store_limit, store_.list({}));
  const BootTime now = clock_.now();
  const auto settings = settings_.get();
  Json json;
  json["version"] = PURSER_VERSION;
  json["pid"] = ::getpid();
  json["uptime_seconds"] = seconds(now - facts_.started_at);
  json["socket"] = facts_.socket;
  json["started_by"] = facts_.started_by;
  json["config"] = {{"path", facts_.config_path}, {"error", text_or_null(settings->loaded.error)}};
  json["store"] = {{"description", store_.description()},
                   {"error", stored ? Json(nullptr) : Json(stored.error().what)}};
  json["memory_locked"] = facts_.memory_locked;
  json["entries"] = Json::array();
  for (const auto& entry : tokens_.entries())
    json["entries"].push_back(entry_json(entry, now));
  co_return json_response(200, json);
}

ServerResponse ControlHandler::audit() const
{
  Json events = Json::array();
  for (const AuditEvent& event : audit_.events())
    events.push_back(event_json(event));
  return json_response(200, Json{{"events", std::move(events)}});
}

} // namespace purser
