#include "daemon/server/metrics_handler.hpp"

#include "common/protocol.hpp"
#include "common/version.hpp"
#include "daemon/observe/process_memory.hpp"
#include "daemon/observe/prometheus.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string_view>

namespace purser {
namespace {

using Labels = PrometheusText::Labels;

constexpr std::array<std::string_view, 4> k_states{"fresh", "due", "critical", "expired"};
constexpr std::array k_codes{Errc::not_configured, Errc::misconfigured, Errc::interaction_required,
                             Errc::rejected,       Errc::forbidden,     Errc::expired_source,
                             Errc::throttled,      Errc::transient,     Errc::timeout,
                             Errc::protocol_error, Errc::unsafe,        Errc::bad_request,
                             Errc::internal};
static_assert(k_codes.size() == static_cast<std::size_t>(Errc::internal) + 1);

// One of the two users of Renewing.
struct Renewed {
  std::string_view kind;
  RenewalReport report;
};
using All = std::array<Renewed, 2>;

double seconds(Duration d)
{
  return std::chrono::duration<double>(d).count();
}

// A sample for each kind.
template <class Family>
void each(PrometheusText& out, const All& all, Family value_of)
{
  for (const auto& [kind, report] : all)
    out.sample({{"kind", kind}}, value_of(report));
}

// Of all codes, also those that never came: increase() does not see a series that begins with 1.
void each_code(PrometheusText& out,
               std::string_view kind,
               const std::map<Errc, std::uint64_t>& counts)
{
  for (const Errc code : k_codes) {
    const auto counted = counts.find(code);
    out.sample({{"kind", kind}, {"code", to_string(code)}},
               counted == counts.end() ? std::uint64_t{0} : counted->second);
  }
}

void tell_entries(PrometheusText& out, const All& all)
{
  out.gauge("purser_entries", "Identities that are known, by the state of their value.");
  for (const auto& [kind, report] : all) {
    for (std::size_t i = 0; i < k_states.size(); ++i)
      out.sample({{"kind", kind}, {"state", k_states.at(i)}}, report.held.at(i));
    out.sample({{"kind", kind}, {"state", "none"}}, report.empty);
  }
  out.gauge("purser_entries_failing", "Identities whose last fetch failed.");
  each(out, all, [](const RenewalReport& report) { return report.failing; });
  out.gauge("purser_entries_degraded",
            "Identities whose value is served although somebody has to mend its renewal.");
  each(out, all, [](const RenewalReport& report) { return report.degraded; });
  out.counter("purser_state_seconds_total", "Time that values spent in each state.");
  for (const auto& [kind, report] : all) {
    const auto& times = report.times;
    const std::array<Duration, 4> spent{times.fresh, times.due, times.critical, times.expired};
    for (std::size_t i = 0; i < k_states.size(); ++i)
      out.sample({{"kind", kind}, {"state", k_states.at(i)}}, seconds(spent.at(i)));
  }
}

void tell_askers(PrometheusText& out, const All& all)
{
  out.counter("purser_served_total", "Askers that were answered at once, by the value's state.");
  for (const auto& [kind, report] : all)
    for (std::size_t i = 0; i < report.tally.served.size(); ++i)
      out.sample({{"kind", kind}, {"state", k_states.at(i)}}, report.tally.served.at(i));
  out.counter("purser_awaited_total", "Askers that waited for a fetch and were answered by it.");
  each(out, all, [](const RenewalReport& report) { return report.tally.awaited; });
  out.counter("purser_refused_total", "Askers that got an error.");
  for (const auto& [kind, report] : all)
    each_code(out, kind, report.tally.refused);
  out.counter("purser_misses_total", "Askers that found no value alive.");
  each(out, all, [](const RenewalReport& report) { return report.tally.misses; });
  out.counter("purser_coalesced_total", "Askers that joined a fetch which was under way.");
  each(out, all, [](const RenewalReport& report) { return report.tally.coalesced; });
  out.histogram("purser_served_remaining_ratio", "Life left of what was served at once.");
  each(out, all, [](const RenewalReport& report) { return report.tally.remaining; });
  out.gauge("purser_served_remaining_least_seconds",
            "The shortest life left that was ever served.");
  for (const auto& [kind, report] : all)
    if (report.tally.least_remaining != Duration::max())
      out.sample({{"kind", kind}}, seconds(report.tally.least_remaining));
}

void tell_fetches(PrometheusText& out, const All& all)
{
  out.counter("purser_fetches_total", "Fetches that were begun: somebody waited, or nobody did.");
  for (const auto& [kind, report] : all) {
    out.sample({{"kind", kind}, {"cause", "foreground"}}, report.tally.foreground);
    out.sample({{"kind", kind}, {"cause", "background"}}, report.tally.background);
  }
  out.counter("purser_fetch_outcomes_total", "Fetches that ended, by their outcome.");
  for (const auto& [kind, report] : all) {
    out.sample({{"kind", kind}, {"code", "ok"}}, report.tally.succeeded);
    each_code(out, kind, report.tally.failed);
  }
  out.histogram("purser_fetch_duration_seconds", "How long fetches took.");
  each(out, all, [](const RenewalReport& report) { return report.tally.fetch_seconds; });
  out.histogram("purser_renewal_age_ratio", "Age at which values were renewed, of their life.");
  each(out, all, [](const RenewalReport& report) { return report.tally.age_at_renewal; });
  out.counter("purser_deferred_total", "Fetches that an endpoint's limits put off.");
  each(out, all, [](const RenewalReport& report) { return report.tally.deferred; });
  out.counter("purser_evicted_total", "Values alive that made room for others.");
  each(out, all, [](const RenewalReport& report) { return report.tally.evicted; });
  out.counter("purser_resumes_total", "Times that the machine was seen to have slept.");
  each(out, all, [](const RenewalReport& report) { return report.tally.resumed; });
}

void tell_requests(PrometheusText& out, const RequestTally& requests)
{
  out.counter("purser_requests_total", "Requests about registries, by verb and outcome.");
  for (const auto& [verb, counts] : requests.verbs())
    for (const auto& [outcome, count] : counts.outcomes)
      out.sample({{"verb", verb}, {"outcome", outcome}}, count);
  out.histogram("purser_request_duration_seconds", "How long requests took, in the daemon.");
  for (const auto& [verb, counts] : requests.verbs())
    out.sample({{"verb", verb}}, counts.seconds);
}

void tell_connections(PrometheusText& out, const ConnectionTally& connections)
{
  out.gauge("purser_connections_open", "Connections of clients that are open.");
  out.sample({}, connections.open);
  out.counter("purser_connections_accepted_total", "Connections that were let in.");
  out.sample({}, connections.accepted);
  out.counter("purser_connections_refused_total", "Connections of users that are not served.");
  out.sample({}, connections.refused);
  out.counter("purser_connections_dropped_total", "Connections that were closed on the client.");
  out.sample({{"reason", "idle"}}, connections.idle);
  out.sample({{"reason", "slow"}}, connections.slow);
  out.sample({{"reason", "limit"}}, connections.displaced);
}

void tell_memory(PrometheusText& out, const ProcessMemory& memory)
{
  out.gauge("purser_resident_memory_bytes", "Memory of the daemon that is resident.");
  if (memory.resident) out.sample({}, *memory.resident);
  out.gauge("purser_resident_memory_peak_bytes", "The most that was ever resident.");
  out.sample({}, memory.peak);
}

} // namespace

boost::asio::awaitable<ServerResponse> MetricsHandler::handle(ServerRequest request)
{
  if (request.target != protocol::k_metrics_path)
    co_return ServerResponse(404, "purser: no such path\n");
  if (request.method != "GET") co_return ServerResponse(405, "purser: only GET is known here\n");
  const All all{Renewed{"token", subjects_.tokens.report()}, Renewed{"aws_keys", subjects_.keys()}};
  PrometheusText out;
  out.gauge("purser_build_info", "Always 1; the label is the version.");
  out.sample({{"version", std::string(program_version())}}, std::uint64_t{1});
  out.gauge("purser_uptime_seconds", "Time since the daemon began.");
  out.sample({}, seconds(clock_.now() - subjects_.facts.started_at));
  tell_entries(out, all);
  tell_askers(out, all);
  tell_fetches(out, all);
  tell_requests(out, subjects_.audit.tally());
  tell_connections(out, subjects_.connections());
  tell_memory(out, process_memory());
  ServerResponse response(200, out.text());
  response.content_type = PrometheusText::k_content_type;
  co_return response;
}

} // namespace purser
