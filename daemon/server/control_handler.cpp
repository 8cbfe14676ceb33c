#include "daemon/server/control_handler.hpp"

#include "common/protocol.hpp"
#include "common/version.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/server/asked_part.hpp"
#include "daemon/server/json_answer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>

namespace purser {
namespace {

constexpr std::string_view k_audit_path = "/v1/audit";

Json text_or_null(const std::optional<std::string>& text)
{
  return text ? Json(*text) : Json(nullptr);
}

Json seconds_left(std::optional<BootTime> at, BootTime now)
{
  return at ? Json(whole_seconds(std::max(*at - now, Duration::zero()))) : Json(nullptr);
}

Json civil_or_null(std::optional<BootTime> at, const Clock& clock)
{
  return at ? Json(civil(*at, clock)) : Json(nullptr);
}

// Of what was tried, whatever is under way.
Json last_outcome(const RenewalView& view)
{
  if (view.last_error) return to_string(view.last_error->code);
  return view.last_end ? Json("ok") : Json(nullptr);
}

// Null where it cannot be known.
Json namespaces_json(const Result<SpaceSizes>& spaces)
{
  if (!spaces) return nullptr;
  std::size_t stored = 0;
  for (const auto& [name, size] : *spaces)
    stored += size;
  return Json{{"count", spaces->size()}, {"stored", stored}};
}

Json times_json(const StateTimes& times)
{
  Json json;
  json["fresh"] = whole_seconds(times.fresh);
  json["due"] = whole_seconds(times.due);
  json["critical"] = whole_seconds(times.critical);
  json["expired"] = whole_seconds(times.expired);
  return json;
}

Json entry_json(const TokenCache::Entry& entry, const Clock& clock)
{
  const BootTime now = clock.now();
  const RenewalView& view = entry.view;
  std::optional<BootTime> renew_at;
  std::optional<BootTime> expires_at;
  if (view.life) {
    renew_at = view.life->renew_at;
    expires_at = view.life->expires_at;
  }
  Json json;
  json["provider"] = entry.provider;
  json["registries"] = entry.registries;
  json["identity"] = entry.identity;
  json["source"] = entry.source;
  json["state"] = state_name(view, now);
  json["degraded"] = is_degraded(view, now);
  json["age_seconds"] = view.life ? Json(whole_seconds(now - view.life->sent_at)) : Json(nullptr);
  json["remaining_seconds"] = seconds_left(expires_at, now);
  json["expires_at"] = civil_or_null(expires_at, clock);
  json["renew_in_seconds"] = seconds_left(renew_at, now);
  json["renew_at"] = civil_or_null(renew_at, clock);
  json["in_flight"] = view.in_flight;
  json["last_outcome"] = last_outcome(view);
  json["last_outcome_at"] = civil_or_null(view.last_end, clock);
  json["last_error"] = view.last_error ? Json(view.last_error->what) : Json(nullptr);
  json["failing_since"] = civil_or_null(view.failing_since, clock);
  json["next_attempt_in_seconds"] = seconds_left(view.next_try, now);
  json["attempts"] = view.attempts;
  json["failures"] = view.failures;
  json["seconds_in"] = times_json(view.times);
  return json;
}

// Of all requests so far: the number of the newest event.
std::uint64_t count_of(const RequestTally& tally)
{
  std::uint64_t count = 0;
  for (const auto& [verb, counts] : tally.verbs())
    for (const auto& [outcome, times] : counts.outcomes)
      count += times;
  return count;
}

Json event_json(const AuditEvent& event, std::uint64_t number)
{
  Json json;
  json["number"] = number;
  json["at"] = civil(event.at);
  json["verb"] = event.verb;
  json["registry"] = event.registry;
  json["provider"] = event.provider;
  json["source"] = event.source;
  json["outcome"] = event.outcome;
  json["pid"] = event.pid;
  json["uid"] = event.uid;
  json["local"] = event.local;
  json["executable"] = event.executable.view();
  json["cgroup"] = event.cgroup.view();
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
  if (is_at(request.target, k_audit_path)) co_return audit(request.target);
  co_return json_error(404, Errc::bad_request, "no such path; see docs/protocol.md");
}

ServerResponse ControlHandler::version() const
{
  return json_response(200,
                       Json{{"version", program_version()}, {"protocol", protocol::k_version}});
}

boost::asio::awaitable<ServerResponse> ControlHandler::status()
{
  const auto stored = co_await with_timeout(clock_, k_store_limit, store_.known_names());
  const auto spaces = co_await with_timeout(clock_, k_store_limit, store_.spaces());
  const BootTime now = clock_.now();
  const auto settings = settings_.get();
  Json json;
  json["version"] = program_version();
  json["pid"] = ::getpid();
  json["uptime_seconds"] = whole_seconds(now - facts_.started_at);
  json["socket"] = facts_.socket;
  json["started_by"] = facts_.started_by;
  json["config"] = {{"path", facts_.config_path}, {"error", text_or_null(settings->loaded.error)}};
  const auto reason = store_.reason();
  json["store"] = {{"description", store_.description()},
                   {"reason", reason.empty() ? Json(nullptr) : Json(reason)},
                   {"error", stored ? Json(nullptr) : Json(stored.error().what)}};
  json["namespaces"] = namespaces_json(spaces);
  json["cache"] = {{"kept_in", cache_.kept_in}, {"error", text_or_null(cache_.error)}};
  json["locked"] = lock_ != nullptr && lock_->locked();
  json["memory_locked"] = facts_.memory_locked;
  json["hardening"] = {{"system_calls_filtered", facts_.sandbox.system_calls_filtered},
                       {"landlock_version", facts_.sandbox.landlock_version},
                       {"code_is_fixed", facts_.sandbox.code_is_fixed},
                       {"missing", facts_.sandbox.missing}};
  json["entries"] = Json::array();
  for (const auto& entry : tokens_.entries())
    json["entries"].push_back(entry_json(entry, clock_));
  co_return json_response(200, json);
}

ServerResponse ControlHandler::audit(std::string_view target) const
{
  const auto part = asked_part(target, k_audit_path);
  if (!part) return json_error(400, Errc::bad_request, part.error().what);
  const std::uint64_t after = part->after_in(facts_.run);
  const auto& events = audit_.events();
  const std::uint64_t last = count_of(audit_.tally());
  std::uint64_t number = last - events.size();
  Json list = Json::array();
  for (const AuditEvent& event : events)
    if (++number > after) list.push_back(event_json(event, number));
  return json_response(200, Json{{"run", facts_.run}, {"last", last}, {"events", std::move(list)}});
}

} // namespace purser
