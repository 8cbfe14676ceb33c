#include "daemon/server/store_handler.hpp"

#include "common/protocol.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/config/checked_json.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/server/trail.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace purser {
namespace asio = boost::asio;
using Conflicts = MigrationPlan::Conflicts;

namespace {

constexpr std::array<std::string_view, 3> k_members{"to", "conflicts", "erase_keyring"};

Json progress_json(const MigrationProgress& progress)
{
  Json json;
  const auto state = [&progress]() -> std::string_view {
    switch (progress.state) {
    case MigrationProgress::State::running: return "running";
    case MigrationProgress::State::done: return "done";
    case MigrationProgress::State::failed: break;
    }
    return "failed";
  };
  json["state"] = state();
  json["to"] = to_string(progress.to);
  json["step"] = progress.step;
  json["done"] = progress.done;
  json["total"] = progress.total;
  json["copied"] = progress.copied;
  json["erased"] = progress.erased;
  json["conflicts"] = progress.conflicts;
  json["error"] = progress.error ? Json(docker::explained(*progress.error)) : Json(nullptr);
  json["not_looked_into"] =
      progress.not_looked_into ? Json(docker::explained(*progress.not_looked_into)) : Json(nullptr);
  return json;
}

std::optional<StoreKind> kind_of(const nlohmann::json& wanted)
{
  const auto to = wanted.value("to", nlohmann::json());
  if (to == to_string(StoreKind::file)) return StoreKind::file;
  if (to == to_string(StoreKind::secret_service)) return StoreKind::secret_service;
  return std::nullopt;
}

std::optional<Conflicts> conflicts_of(const nlohmann::json& wanted)
{
  const auto name = wanted.value("conflicts", nlohmann::json("stop"));
  if (name == "stop") return Conflicts::stop;
  if (name == "keep-target") return Conflicts::keep_target;
  if (name == "keep-source") return Conflicts::keep_source;
  return std::nullopt;
}

bool is_known(const std::string& member)
{
  return std::find(k_members.begin(), k_members.end(), member) != k_members.end();
}

Result<MigrationPlan> parse_plan(std::string_view text)
{
  const auto json = parse_checked_json(text, JsonComments::refused);
  const Error none(Errc::bad_request, "this is no migration; see docs/protocol.md");
  if (!json || !json->is_object()) return none;
  // A misspelt `conflicts` would be the default, and moves what the asker did not mean.
  for (const auto& entry : json->items())
    if (!is_known(entry.key())) return none;
  const auto to = kind_of(*json);
  const auto conflicts = conflicts_of(*json);
  const auto erase = json->value("erase_keyring", nlohmann::json(false));
  if (!to || !conflicts || !erase.is_boolean()) return none;
  MigrationPlan plan(*to);
  plan.conflicts = *conflicts;
  plan.erase_keyring = erase == true;
  return plan;
}

std::string_view path_below(const ServerRequest& request)
{
  return std::string_view(request.target).substr(protocol::k_store_path.size());
}

} // namespace

asio::awaitable<ServerResponse> StoreHandler::handle(ServerRequest request)
{
  co_await reload_();
  const auto below = path_below(request);
  const bool known = below.empty() || below == "/migration" || below == "/unlock";
  if (!known) co_return json_error(404, Errc::bad_request, "no such path; see docs/protocol.md");
  if (request.method == "GET" && below.empty()) co_return co_await overview();
  if (request.method == "GET" && below == "/migration") co_return migration();
  if (request.method == "POST" && !below.empty()) co_return co_await change(std::move(request));
  co_return json_error(405, Errc::bad_request, "this is not done with that method");
}

asio::awaitable<ServerResponse> StoreHandler::overview()
{
  auto& file = subjects_.store.at(StoreKind::file);
  const auto names = co_await with_timeout(clock_, k_list_limit, subjects_.store.known_names());
  const auto in_file = co_await with_timeout(clock_, k_list_limit, file.list({}));
  const auto kind = subjects_.chooser.known();
  Json json;
  json["kind"] = kind ? Json(to_string(*kind)) : Json(nullptr);
  json["configured"] = subjects_.chooser.configured().has_value();
  json["description"] = subjects_.store.description();
  json["reason"] = subjects_.store.reason();
  json["stored"] = names ? Json(names->size()) : Json(nullptr);
  json["error"] = names ? Json(nullptr) : Json(docker::explained(names.error()));
  // What is not looked into.
  const bool elsewhere = kind == StoreKind::secret_service && in_file;
  json["left_in_file"] = elsewhere ? in_file->size() : 0;
  co_return json_response(200, json);
}

ServerResponse StoreHandler::migration() const
{
  const auto& progress = subjects_.migration.progress();
  return json_response(200, Json{{"migration", progress ? progress_json(*progress) : Json()}});
}

asio::awaitable<ServerResponse> StoreHandler::change(ServerRequest request)
{
  if (request.peer.uid != ::geteuid() || !request.peer.local)
    co_return json_error(403, Errc::forbidden,
                         "only this user's own programs, outside containers, may do that");
  const bool moves = path_below(request) == "/migration";
  AuditEvent trail = begin_trail(moves ? "migrate" : "unlock", request.peer, clock_.wall());
  Result<> ended;
  if (moves)
    ended = migrate(request);
  else
    ended = co_await unlock();
  if (!ended) trail.outcome = to_string(ended.error().code);
  trail.took = clock_.now() - request.received_at;
  audit_.add(std::move(trail));
  if (ended) co_return moves ? migration() : json_response(200, Json{{"unlocked", true}});
  const auto& error = ended.error();
  const unsigned status = error.code == Errc::bad_request ? 400 : 502;
  co_return json_error(status, error.code, docker::explained(error));
}

Result<> StoreHandler::migrate(const ServerRequest& request)
{
  const auto plan = parse_plan(request.body_text());
  if (!plan) return plan.error();
  return subjects_.migration.begin(*plan);
}

asio::awaitable<Result<>> StoreHandler::unlock()
{
  const auto kind = co_await subjects_.chooser.choose(StoreChooser::Occasion::look);
  if (!kind) co_return kind.error();
  if (*kind == StoreKind::file)
    co_return with_remedy({Errc::bad_request, "stored credentials lie in the " +
                                                  subjects_.store.description() +
                                                  ": the keyring has nothing to do with them"});
  auto unlocked = co_await subjects_.keyring.unlock();
  subjects_.chooser.look_again();
  co_return unlocked;
}

} // namespace purser
