#include "daemon/server/recover_handler.hpp"

#include "daemon/async/timeout.hpp"
#include "daemon/config/small_file.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/server/trail.hpp"

#include <set>
#include <sstream>
#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

constexpr std::string_view k_path = "/v1/recover";
constexpr std::size_t k_max_index = std::size_t{1} << 20;

std::string shown(const RecordName& name)
{
  return name.space.empty() ? name.key : name.key + " (namespace " + name.space + ")";
}

// Registries that were stored and are in no record any more, as far as their names are known:
// from the records, and from the index where that is about more than the rules.
std::set<std::string>
lost_registries(const Recovery& recovery, const std::string& index, const std::vector<Rule>& rules)
{
  std::set<std::string> lost;
  for (const auto& name : recovery.lost)
    lost.insert(shown(name));
  if (recovery.unnamed == 0 && recovery.lost.empty()) return lost;
  std::set<std::string> known;
  for (const auto& name : recovery.kept)
    known.insert(name.key);
  for (const auto& name : recovery.lost)
    known.insert(name.key);
  for (const Rule& rule : rules)
    known.insert(rule.match);
  std::istringstream lines(index);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && !known.contains(line)) lost.insert(line);
  return lost;
}

} // namespace

asio::awaitable<ServerResponse> RecoverHandler::handle(ServerRequest request)
{
  if (auto refusal = refuse_all_but_post(request, k_path)) co_return std::move(*refusal);
  if (!request.peer.local)
    co_return json_error(403, Errc::forbidden, "nothing is recovered from within a container");
  AuditEvent trail = begin_trail("recover", request.peer, clock_.wall());
  const auto found = co_await recover(request.patience);
  trail.took = clock_.now() - request.received_at;
  if (!found) trail.outcome = to_string(found.error().code);
  audit_.add(std::move(trail));
  if (!found) co_return json_error(502, found.error().code, docker::explained(found.error()));
  const Json told = answer(*found);
  if (found->recovery.damaged) changed_();
  co_return json_response(200, told);
}

asio::awaitable<Result<RecoverHandler::Found>> RecoverHandler::recover(Duration patience)
{
  if (lock_.locked()) co_return locked_error();
  auto job = [places = places_]() -> Result<Found> {
    const auto index = read_own_file(places.index, k_max_index);
    auto recovery = recover_store(places.credentials, places.ladder);
    if (!recovery) return recovery.error();
    return Found{std::move(*recovery), index && *index ? **index : std::string()};
  };
  co_return co_await with_timeout(clock_, patience, files_.run<Found>(std::move(job)));
}

Json RecoverHandler::answer(const Found& found) const
{
  const Recovery& recovery = found.recovery;
  const auto settings = settings_.get();
  Json json;
  json["outcome"] = recovery.damaged ? "recovered" : "undamaged";
  json["kept"] = recovery.kept.size();
  json["lost"] = lost_registries(recovery, found.index, settings->routes.rules());
  json["lost_records"] = recovery.lost.size() + recovery.unnamed;
  json["set_aside"] = recovery.set_aside.empty() ? Json(nullptr) : Json(recovery.set_aside);
  return json;
}

} // namespace purser
