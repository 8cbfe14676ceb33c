#include "daemon/server/import_handler.hpp"

#include "common/protocol.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/server/trail.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace purser {
namespace asio = boost::asio;

namespace {

// Verbs as the audit log and the metrics have them: literals. `route` tells nothing of anybody.
struct Audited {
  std::string_view verb;
  std::string_view name;
};
constexpr std::array k_audited{Audited{"keep", "import-keep"}, Audited{"recall", "import-recall"},
                               Audited{"forget", "import-forget"}};

bool is_name(std::string_view name)
{
  return !name.empty() && name.size() <= ImportHandler::k_max_name &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.';
         });
}

unsigned status_of(Errc code)
{
  if (code == Errc::bad_request) return 400;
  return code == Errc::not_configured ? 404 : 502;
}

ServerResponse failure(const Error& error)
{
  return json_error(status_of(error.code), error.code, docker::explained(error));
}

ServerResponse not_a_name()
{
  return json_error(400, Errc::bad_request, "this is not the name of a record");
}

ServerResponse done()
{
  return json_response(200, Json::object());
}

} // namespace

asio::awaitable<ServerResponse> ImportHandler::handle(ServerRequest request)
{
  if (auto refusal = refuse_all_but_post(request, request.target)) co_return std::move(*refusal);
  if (!request.peer.local)
    co_return json_error(403, Errc::unsafe, "an import is made on the host, not in a container");
  auto body = docker::parse_helper_body(request.body_text());
  if (!body) co_return json_error(400, body.error().code, body.error().what);

  co_await reload_();
  const std::string_view target = request.target;
  const std::string_view verb = target.substr(protocol::k_import_path.size());
  ServerResponse response = co_await answer(verb, body->input, request.patience);
  const auto* const audited = std::find_if(k_audited.begin(), k_audited.end(),
                                           [verb](const Audited& a) { return a.verb == verb; });
  if (audited != k_audited.end()) {
    AuditEvent trail = begin_trail(audited->name, request.peer, clock_.wall());
    if (response.status != 200) trail.outcome = "failed";
    trail.took = clock_.now() - request.received_at;
    audit_.add(std::move(trail));
  }
  co_return response;
}

asio::awaitable<ServerResponse>
ImportHandler::answer(std::string_view verb, std::string_view input, Duration patience)
{
  if (verb == "route") co_return route(docker::trimmed(input));
  if (verb == "keep") co_return co_await keep(input, patience);
  if (verb == "list") co_return co_await list(patience);
  std::string name(input);
  if (!is_name(name)) co_return not_a_name();
  if (verb == "recall") co_return co_await recall(std::move(name), patience);
  if (verb == "forget") co_return co_await forget(std::move(name), patience);
  co_return json_error(404, Errc::bad_request, "no such path; see docs/protocol.md");
}

ServerResponse ImportHandler::route(std::string_view asked) const
{
  const auto key = RegistryKey::parse(asked);
  if (!key) return json_error(400, Errc::bad_request, docker::no_registry().what);
  const auto provider = credentials_.minted_by(*key);
  Json json;
  json["registry"] = key->text();
  json["provider"] = provider.empty() ? Json(nullptr) : Json(provider);
  return json_response(200, json);
}

asio::awaitable<ServerResponse> ImportHandler::keep(std::string_view input, Duration patience)
{
  const auto end = input.find('\n');
  std::string name(input.substr(0, end));
  if (end == std::string_view::npos || !is_name(name)) co_return not_a_name();
  Credential record("record", Secret(input.substr(end + 1)));
  const auto kept = co_await with_timeout(
      clock_, patience, file_.store(std::string(k_space), std::move(name), std::move(record)));
  co_return kept ? done() : failure(kept.error());
}

asio::awaitable<ServerResponse> ImportHandler::recall(std::string name, Duration patience)
{
  const auto found =
      co_await with_timeout(clock_, patience, file_.get(std::string(k_space), std::move(name)));
  if (!found) co_return failure(found.error());
  if (!*found) co_return failure(Error(Errc::not_configured, "there is no such record"));
  ServerResponse response(200, (*found)->secret.reveal());
  response.content_type = "application/json"; // what the command line keeps
  co_return response;
}

asio::awaitable<ServerResponse> ImportHandler::forget(std::string name, Duration patience)
{
  const auto gone =
      co_await with_timeout(clock_, patience, file_.erase(std::string(k_space), std::move(name)));
  co_return gone ? done() : failure(gone.error());
}

asio::awaitable<ServerResponse> ImportHandler::list(Duration patience)
{
  const auto names = co_await with_timeout(clock_, patience, file_.list(std::string(k_space)));
  if (!names) co_return failure(names.error());
  Json json;
  json["records"] = Json::array();
  for (const StoredName& name : *names)
    json["records"].push_back(name.key);
  co_return json_response(200, json);
}

} // namespace purser
