#pragma once

#include "daemon/observe/audit.hpp"
#include "daemon/server/credential_service.hpp"
#include "daemon/server/json_answer.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/time/clock.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace purser {

// `POST /v1/import/VERB` with a helper's body (docs/protocol.md): what `purser import` needs
// besides the docker-credential protocol. It keeps what an import takes out of people's files, so
// that it can be put back, without any of it being on the disk in plain text: records in the
// sealed file, in a namespace of their own, so that they share its key, its lock and its fate, and
// no client is ever told of them.
//
// Only for callers of our mount namespace.
class ImportHandler final : public RequestHandler {
public:
  // No client can ask for it.
  static constexpr std::string_view k_space = "purser:import";
  static constexpr std::size_t k_max_name = 64;

  // Brings the configuration up to date before a request is looked at.
  using Reload = std::function<boost::asio::awaitable<void>()>;

  // `file` is the sealed file, wherever credentials are stored.
  ImportHandler(Clock& clock,
                const CredentialService& credentials,
                CredentialStore& file,
                AuditLog& audit,
                Reload reload)
    : clock_(clock)
    , credentials_(credentials)
    , file_(file)
    , audit_(audit)
    , reload_(std::move(reload))
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  [[nodiscard]] ServerResponse route(std::string_view asked) const;
  boost::asio::awaitable<ServerResponse> keep(std::string_view input, Duration patience);
  boost::asio::awaitable<ServerResponse> recall(std::string name, Duration patience);
  boost::asio::awaitable<ServerResponse> forget(std::string name, Duration patience);
  boost::asio::awaitable<ServerResponse> list(Duration patience);
  boost::asio::awaitable<ServerResponse>
  answer(std::string_view verb, std::string_view input, Duration patience);

  Clock& clock_;
  const CredentialService& credentials_;
  CredentialStore& file_;
  AuditLog& audit_;
  Reload reload_;
};

} // namespace purser
