#pragma once

#include "daemon/observe/audit.hpp"
#include "daemon/server/credential_service.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/time/clock.hpp"

#include <functional>
#include <string_view>
#include <utility>

namespace purser {

// The docker-credential protocol: `POST /v1/docker/VERB` with a helper's body.
class DockerHandler final : public RequestHandler {
public:
  // Old clients ask once more for every key that they are told.
  static constexpr std::size_t k_max_list = std::size_t{60} << 10;

  // `refresh` brings the configuration up to date before a request is looked at.
  using Refresh = std::function<boost::asio::awaitable<void>()>;

  DockerHandler(Clock& clock, CredentialService& credentials, AuditLog& audit, Refresh refresh)
    : clock_(clock), credentials_(credentials), audit_(audit), refresh_(std::move(refresh))
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  struct Question; // a request, understood as far as all verbs have it in common

  boost::asio::awaitable<ServerResponse> answer(std::string_view verb, Question& question);
  boost::asio::awaitable<ServerResponse> get(Question& question);
  boost::asio::awaitable<ServerResponse> store(Question& question);
  boost::asio::awaitable<ServerResponse> erase(Question& question);
  boost::asio::awaitable<ServerResponse> list(Question& question);

  Clock& clock_;
  CredentialService& credentials_;
  AuditLog& audit_;
  Refresh refresh_;
};

} // namespace purser
