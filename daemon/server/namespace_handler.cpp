#include "daemon/server/namespace_handler.hpp"

#include "common/namespace_name.hpp"
#include "common/protocol.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/server/asked_namespace.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/server/json_answer.hpp"
#include "daemon/server/trail.hpp"

#include <map>
#include <string>
#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

constexpr std::string_view k_clear = "/v1/namespaces/clear";

struct Counts {
  std::size_t stored = 0;
  std::size_t overrides = 0;
};

Json counts_json(const std::map<std::string, Counts>& counts)
{
  Json spaces = Json::array();
  for (const auto& [name, of_it] : counts)
    spaces.push_back(
        Json{{"name", name}, {"stored", of_it.stored}, {"overrides", of_it.overrides}});
  return Json{{"namespaces", std::move(spaces)}};
}

} // namespace

asio::awaitable<ServerResponse> NamespaceHandler::handle(ServerRequest request)
{
  if (request.method == "GET" && request.target == protocol::k_namespaces_path)
    co_return co_await list(request.patience);
  if (auto refusal = refuse_all_but_post(request, k_clear)) co_return std::move(*refusal);
  co_return co_await clear(std::move(request));
}

asio::awaitable<ServerResponse> NamespaceHandler::list(Duration patience)
{
  const auto stored = co_await with_timeout(clock_, patience, store_.spaces());
  if (!stored) co_return json_error(502, stored.error().code, docker::explained(stored.error()));
  std::map<std::string, Counts> counts;
  for (const auto& [name, size] : *stored)
    counts[name].stored = size;
  for (const auto& [name, size] : overrides_.spaces())
    counts[name].overrides = size;
  co_return json_response(200, counts_json(counts));
}

asio::awaitable<ServerResponse> NamespaceHandler::clear(ServerRequest request)
{
  const auto body = docker::parse_helper_body(request.body_text());
  if (!body) co_return json_error(400, body.error().code, body.error().what);
  std::string space(docker::trimmed(body->input));
  if (!is_namespace(space))
    co_return json_error(400, Errc::bad_request,
                         "this is no name of a namespace; see: purser namespace list");
  AuditEvent trail = begin_trail("clear", request.peer, clock_.wall());
  trail.registry = "namespace " + space;
  const auto cleared = co_await credentials_.clear(space, request.patience);
  trail.took = clock_.now() - request.received_at;
  if (!cleared) trail.outcome = to_string(cleared.error().code);
  audit_.add(std::move(trail));
  if (!cleared) co_return json_error(502, cleared.error().code, docker::explained(cleared.error()));
  const Json answer{{"namespace", space}, {"cleared", *cleared}};
  co_return json_response(200, answer);
}

} // namespace purser
