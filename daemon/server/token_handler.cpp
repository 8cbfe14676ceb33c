#include "daemon/server/token_handler.hpp"

#include "common/protocol.hpp"
#include "daemon/providers/diagnosis.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/server/failure_outcome.hpp"
#include "daemon/server/json_answer.hpp"
#include "daemon/server/token_messages.hpp"
#include "daemon/server/trail.hpp"

#include <memory>
#include <string>

namespace purser {
namespace asio = boost::asio;

namespace {

// A good credential that the registry gives no token for this is one of its own.
std::string_view outcome_of(const Error& error, const Diagnosis& diagnosis)
{
  if (error.code == Errc::forbidden && diagnosis.trouble == Diagnosis::Trouble::none)
    return "not_allowed";
  return failure_outcome(error.code, diagnosis.trouble);
}

} // namespace

asio::awaitable<ServerResponse> TokenHandler::handle(ServerRequest request)
{
  if (auto refusal = refuse_all_but_post(request, protocol::k_token_path))
    co_return std::move(*refusal);
  auto body = docker::parse_helper_body(request.body_text());
  if (!body) co_return json_failure(body.error(), {}, clock_);
  auto asked = tokens::parse_request(body->input);
  if (!asked) co_return json_failure(asked.error(), {}, clock_);
  auto asker =
      std::make_shared<Asker>(std::move(body->env), std::move(body->cwd), request.peer.local);
  const auto diagnosis = asker->diagnosis = Diagnosis::of_trouble();

  co_await reload_();
  AuditEvent trail = begin_trail("token", request.peer, clock_.wall());
  trail.registry = std::string(asked->target.key.text());
  TokenInquiry inquiry(Inquiry(asked->target.key, std::move(asker), request.patience),
                       std::move(asked->wanted));
  inquiry.anonymous = asked->anonymous;
  const auto access = co_await tokens_.token(std::move(inquiry), trail);
  if (!access) trail.outcome = to_string(access.error().code);
  trail.took = clock_.now() - request.received_at;
  audit_.add(std::move(trail));
  if (!access)
    co_return json_failure(access.error(), asked->target.key.registry(), clock_,
                           outcome_of(access.error(), *diagnosis));
  ServerResponse response;
  response.content_type = "application/json";
  response.body = tokens::token_json(
      *access, access->expires_at ? civil(*access->expires_at, clock_) : std::string());
  co_return response;
}

} // namespace purser
