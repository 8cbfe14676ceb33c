#include "daemon/server/access_handler.hpp"

#include "common/protocol.hpp"
#include "daemon/config/checked_json.hpp"
#include "daemon/formats/bounded_json.hpp"
#include "daemon/providers/diagnosis.hpp"
#include "daemon/server/access_answer.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/server/trail.hpp"

#include <memory>
#include <string>

namespace purser {
namespace asio = boost::asio;

namespace {

Result<TokenTarget> parse_question(std::string_view text)
{
  const auto json = parse_checked_json(text, JsonComments::refused);
  const auto* target = json ? find_string(*json, "/target"_json_pointer) : nullptr;
  if (target == nullptr)
    return Error{Errc::bad_request, "the input is not one JSON object with the string target"};
  auto parsed = parse_token_target(*target);
  if (!parsed) return parsed.error();
  if (const auto known = check_actions(*parsed); !known) return known.error();
  return parsed;
}

} // namespace

asio::awaitable<ServerResponse> AccessHandler::handle(ServerRequest request)
{
  if (auto refusal = refuse_all_but_post(request, protocol::k_access_path))
    co_return std::move(*refusal);
  auto body = docker::parse_helper_body(request.body_text());
  if (!body) co_return json_error(400, body.error().code, body.error().what);
  auto target = parse_question(body->input);
  if (!target) co_return json_failure(target.error(), "", clock_);
  auto asker =
      std::make_shared<Asker>(std::move(body->env), std::move(body->cwd), request.peer.local);
  const auto diagnosis = asker->diagnosis = std::make_shared<Diagnosis>();

  co_await reload_();
  AuditEvent trail = begin_trail("access", request.peer, clock_.wall());
  trail.registry = std::string(target->key.text());
  diagnosis->add("registry", Finding::State::good, trail.registry);
  AccessQuestion question(*target, std::move(asker));
  const auto tried = co_await check_.run(std::move(question), clock_.now() + k_limit, trail);
  tell_actions(tried, *diagnosis);
  const Verdict verdict = access_verdict(*target, tried, *diagnosis);
  if (verdict.code) trail.outcome = to_string(*verdict.code);
  trail.took = clock_.now() - request.received_at;

  Json answer = doctor_json(*diagnosis, Patient{trail.registry, trail.provider}, verdict, clock_);
  answer["actions"] = actions_json(tried, clock_);
  audit_.add(std::move(trail));
  co_return json_response(200, answer);
}

} // namespace purser
