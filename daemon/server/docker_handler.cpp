#include "daemon/server/docker_handler.hpp"

#include "common/docker_words.hpp"
#include "common/protocol.hpp"
#include "daemon/server/docker_messages.hpp"
#include "daemon/server/trail.hpp"

#include <memory>
#include <utility>

namespace purser {
namespace asio = boost::asio;

struct DockerHandler::Question {
  std::shared_ptr<Asker> asker = std::make_shared<Asker>();
  std::string_view input; // into the request's body
  Duration patience{};
  AuditEvent trail;
};

namespace {

ServerResponse sentence(unsigned status, std::string_view text)
{
  ServerResponse response(status, text);
  response.body.push_back('\n');
  return response;
}

unsigned status_of(Errc code)
{
  switch (code) {
  case Errc::not_configured: return 404;
  case Errc::bad_request: return 400;
  case Errc::timeout: return 504;
  case Errc::internal: return 500;
  default: return 502;
  }
}

// What docker says itself about a request of that kind.
ServerResponse refusal(AuditEvent& trail, std::string_view text)
{
  trail.outcome = to_string(Errc::bad_request);
  return sentence(400, text);
}

ServerResponse failure(AuditEvent& trail, const Error& error)
{
  trail.outcome = to_string(error.code);
  if (error.code == Errc::not_configured) return sentence(404, docker_words::k_not_found);
  const std::string_view registry = trail.registry;
  const std::string_view host = registry.empty() ? std::string_view("request") : registry;
  return {status_of(error.code), docker::error_line(host, error)};
}

} // namespace

asio::awaitable<ServerResponse> DockerHandler::handle(ServerRequest request)
{
  const std::string_view target = request.target;
  const std::string_view verb = target.substr(protocol::k_docker_path.size());
  auto body = docker::parse_helper_body(request.body_text());
  if (!body) co_return ServerResponse(400, docker::error_line("request", body.error()));

  co_await refresh_();
  Question question;
  question.asker->env = std::move(body->env);
  question.asker->cwd = std::move(body->cwd);
  question.asker->local = request.peer.local;
  question.input = body->input;
  question.patience = request.patience;
  question.trail = begin_trail({}, request.peer, clock_.wall());
  ServerResponse response = co_await answer(verb, question);
  question.trail.took = clock_.now() - request.received_at;
  if (!question.trail.verb.empty()) audit_.add(std::move(question.trail));
  co_return response;
}

asio::awaitable<ServerResponse> DockerHandler::answer(std::string_view verb, Question& question)
{
  if (verb == "get") co_return co_await get(question);
  if (verb == "store") co_return co_await store(question);
  if (verb == "erase") co_return co_await erase(question);
  if (verb == "list") co_return co_await list(question);
  co_return sentence(404,
                     "purser: this daemon does not know that verb; is it older than its helper?");
}

asio::awaitable<ServerResponse> DockerHandler::get(Question& question)
{
  question.trail.verb = "get";
  const std::string_view asked = docker::trimmed(question.input);
  if (asked.empty()) co_return refusal(question.trail, docker_words::k_no_server_url);
  const auto key = RegistryKey::parse(asked);
  if (!key) co_return failure(question.trail, docker::no_registry());
  question.trail.registry = std::string(key->text());

  Inquiry inquiry(*key, question.asker, question.patience);
  const auto handout = co_await credentials_.get(std::move(inquiry), question.trail);
  if (!handout) co_return failure(question.trail, handout.error());
  ServerResponse response;
  response.content_type = "application/json";
  response.body = docker::credential_json(asked, handout->username, handout->secret);
  co_return response;
}

asio::awaitable<ServerResponse> DockerHandler::store(Question& question)
{
  question.trail.verb = "store";
  auto message = docker::parse_store_message(question.input);
  if (!message) co_return failure(question.trail, message.error());
  const std::string_view asked =
      docker::trimmed({message->server_url.data(), message->server_url.size()});
  if (asked.empty()) co_return refusal(question.trail, docker_words::k_no_server_url);
  if (message->username.empty()) co_return refusal(question.trail, docker_words::k_no_username);
  const auto key = RegistryKey::parse(asked);
  if (!key) co_return failure(question.trail, docker::no_registry());
  question.trail.registry = std::string(key->text());
  if (message->secret.empty())
    co_return failure(question.trail,
                      Error(Errc::bad_request, "the secret is empty; nothing was stored"));

  Credential credential(std::string(message->username.data(), message->username.size()),
                        Secret({message->secret.data(), message->secret.size()}));
  Inquiry inquiry(*key, question.asker, question.patience);
  const auto stored =
      co_await credentials_.store(std::move(inquiry), std::move(credential), question.trail);
  if (!stored) co_return failure(question.trail, stored.error());
  co_return ServerResponse(200, "");
}

asio::awaitable<ServerResponse> DockerHandler::erase(Question& question)
{
  question.trail.verb = "erase";
  const std::string_view asked = docker::trimmed(question.input);
  if (asked.empty()) co_return refusal(question.trail, docker_words::k_no_server_url);
  const auto key = RegistryKey::parse(asked);
  if (!key) co_return failure(question.trail, docker::no_registry());
  question.trail.registry = std::string(key->text());

  Inquiry inquiry(*key, question.asker, question.patience);
  const auto erased = co_await credentials_.erase(std::move(inquiry), question.trail);
  if (!erased) co_return failure(question.trail, erased.error());
  co_return ServerResponse(200, "");
}

asio::awaitable<ServerResponse> DockerHandler::list(Question& question)
{
  question.trail.verb = "list";
  const auto names = co_await credentials_.list(question.asker, question.patience);
  if (!names) co_return failure(question.trail, names.error());
  ServerResponse response;
  response.content_type = "application/json";
  response.body = docker::list_json(*names, k_max_list);
  co_return response;
}

} // namespace purser
