#include "daemon/server/log_handler.hpp"

#include "daemon/server/asked_part.hpp"
#include "daemon/server/json_answer.hpp"

namespace purser {

boost::asio::awaitable<ServerResponse> LogHandler::handle(ServerRequest request)
{
  co_return answer(request);
}

ServerResponse LogHandler::answer(const ServerRequest& request) const
{
  if (request.method != "GET") return json_error(405, Errc::bad_request, "only GET is known here");
  if (!is_at(request.target, k_path))
    return json_error(404, Errc::bad_request, "no such path; see docs/protocol.md");
  if (request.peer.uid != owner_ && request.peer.uid != 0)
    return json_error(403, Errc::forbidden, "the log is for the user whose daemon this is");
  const auto part = asked_part(request.target, k_path);
  if (!part) return json_error(400, Errc::bad_request, part.error().what);
  Json lines = Json::array();
  for (const LogLine& line : lines_.since(part->after_in(run_)))
    lines.push_back({{"number", line.number},
                     {"at", civil(line.at)},
                     {"level", line.level},
                     {"text", line.text}});
  return json_response(200, Json{{"run", run_},
                                 {"last", lines_.last()},
                                 {"journal", journal_},
                                 {"lines", std::move(lines)}});
}

} // namespace purser
