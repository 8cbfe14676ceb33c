#include "daemon/server/login_handler.hpp"

#include "common/protocol.hpp"
#include "daemon/providers/diagnosis.hpp"
#include "daemon/server/access_answer.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/server/trail.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace purser {
namespace asio = boost::asio;

namespace {

constexpr Duration k_store_limit = std::chrono::seconds(5);
constexpr Duration k_look_limit = std::chrono::seconds(2); // the command line waits for both

ServerResponse failure(AuditEvent& trail, const Clock& clock, const Error& error)
{
  trail.outcome = to_string(error.code);
  return json_failure(error, trail.registry, clock);
}

Error minted(std::string_view provider, const RegistryKey& key)
{
  return with_remedy({Errc::misconfigured,
                      "tokens for " + std::string(key.registry()) + " are obtained by " +
                          std::string(provider) +
                          ": nothing has to be stored; to see what that comes to: purser doctor " +
                          std::string(key.registry())});
}

std::string
logout_conclusion(const std::string& registry, std::string_view provider, bool was_stored)
{
  if (!provider.empty())
    return "nothing is kept for " + registry + " any more; tokens for it are obtained by " +
           std::string(provider) + " all the same";
  return was_stored ? "the login for " + registry + " is erased"
                    : "no login was stored for " + registry;
}

// What a login comes to that was tried.
Verdict verdict_of(const LoginMessage& message, const std::vector<TriedAction>& tried)
{
  Verdict verdict = access_verdict(message.target, tried, Diagnosis());
  if (verdict.outcome != "ok") {
    verdict.sentence += "; nothing was stored";
    return verdict;
  }
  const bool asked = tried.front().outcome == TriedAction::Outcome::allowed;
  if (!asked)
    return {"not_asked", Errc::misconfigured,
            std::string(message.target.key.text()) +
                " asks nobody for a credential, so this one cannot be verified; nothing was "
                "stored. Name a repository that is not for all: --scope REPOSITORY:pull"};
  return verdict;
}

Json login_json(const LoginMessage& message,
                const Verdict& verdict,
                const std::vector<TriedAction>& tried,
                const Clock& clock)
{
  Json json;
  json["registry"] = message.stored_as.text();
  json["username"] = message.credential.username;
  json["outcome"] = verdict.outcome;
  json["code"] = verdict.code ? Json(to_string(*verdict.code)) : Json(nullptr);
  json["actions"] = actions_json(tried, clock);
  json["conclusion"] = verdict.sentence;
  return json;
}

} // namespace

asio::awaitable<ServerResponse> LoginHandler::handle(ServerRequest request)
{
  const bool in = request.target == protocol::k_login_path;
  auto refusal =
      refuse_all_but_post(request, in ? protocol::k_login_path : protocol::k_logout_path);
  if (refusal) co_return std::move(*refusal);
  auto body = docker::parse_helper_body(request.body_text());
  if (!body) co_return json_error(400, body.error().code, body.error().what);
  const std::string_view input = body->input;
  auto asker =
      std::make_shared<const Asker>(std::move(body->env), std::move(body->cwd), request.peer.local);

  co_await reload_();
  AuditEvent trail = begin_trail(in ? "login" : "logout", request.peer, clock_.wall());
  ServerResponse response;
  auto message = in ? parse_login_message(input) : Result<LoginMessage>(docker::no_registry());
  const auto key = in ? std::nullopt : RegistryKey::parse(docker::trimmed(input));
  if (in && message)
    response = co_await log_in(std::move(*message), std::move(asker), trail);
  else if (key)
    response = co_await log_out(*key, std::move(asker), trail);
  else
    response = failure(trail, clock_, message.error());
  trail.took = clock_.now() - request.received_at;
  audit_.add(std::move(trail));
  co_return response;
}

asio::awaitable<ServerResponse>
LoginHandler::log_in(LoginMessage message, AskerPtr asker, AuditEvent& trail)
{
  trail.registry = std::string(message.stored_as.text());
  if (const auto provider = credentials_.minted_by(message.stored_as); !provider.empty())
    co_return failure(trail, clock_, minted(provider, message.stored_as));
  AccessQuestion question(message.target, asker);
  question.instead.emplace(message.credential.username, message.credential.secret.clone());
  const auto tried = co_await check_.run(std::move(question), clock_.now() + k_limit, trail);
  Verdict verdict = verdict_of(message, tried);
  if (verdict.outcome == "ok") {
    Inquiry inquiry(message.stored_as, std::move(asker), k_store_limit);
    Credential credential(message.credential.username, std::move(message.credential.secret));
    credential = tokens_.newest(std::move(credential));
    const auto stored =
        co_await credentials_.store(std::move(inquiry), std::move(credential), trail);
    if (!stored) co_return failure(trail, clock_, stored.error());
    verdict.outcome = "stored";
    verdict.sentence += "; the login is stored for " + trail.registry;
  }
  if (verdict.code) trail.outcome = to_string(*verdict.code);
  const Json answer = login_json(message, verdict, tried, clock_);
  co_return json_response(200, answer);
}

asio::awaitable<ServerResponse>
LoginHandler::log_out(RegistryKey key, AskerPtr asker, AuditEvent& trail)
{
  trail.registry = std::string(key.text());
  const bool was_stored = co_await may_be_stored(key, asker);
  Inquiry inquiry(key, std::move(asker), k_store_limit);
  const auto erased = co_await credentials_.erase(std::move(inquiry), trail);
  if (!erased) co_return failure(trail, clock_, erased.error());
  Json json;
  json["registry"] = trail.registry;
  json["outcome"] = "erased";
  json["conclusion"] = logout_conclusion(trail.registry, credentials_.minted_by(key), was_stored);
  co_return json_response(200, json);
}

asio::awaitable<bool> LoginHandler::may_be_stored(RegistryKey key, AskerPtr asker)
{
  const auto names = co_await credentials_.list(std::move(asker), k_look_limit);
  if (!names) co_return true;
  co_return std::any_of(names->begin(), names->end(),
                        [&key](const StoredName& name) { return name.key == key.text(); });
}

} // namespace purser
