#pragma once

#include "daemon/observe/audit.hpp"
#include "daemon/server/access_check.hpp"
#include "daemon/server/credential_service.hpp"
#include "daemon/server/json_answer.hpp"
#include "daemon/server/login_message.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/time/clock.hpp"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace purser {

// `POST /v1/login`: shows a credential to its registry once, and stores it where that took it;
// what was stored before stays otherwise. Of an identity token that changed on the way, the new one
// is stored. `POST /v1/logout`: erases what is stored, with its
// tokens.
class LoginHandler final : public RequestHandler {
public:
  // Before the command line gives up, after 30 s.
  static constexpr Duration k_limit = std::chrono::seconds(25);
  // Brings the configuration up to date before a request is looked at.
  using Reload = std::function<boost::asio::awaitable<void>()>;

  LoginHandler(Clock& clock,
               CredentialService& credentials,
               TokenService& tokens,
               AuditLog& audit,
               Reload reload)
    : clock_(clock)
    , credentials_(credentials)
    , tokens_(tokens)
    , check_(clock, tokens)
    , audit_(audit)
    , reload_(std::move(reload))
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  using AskerPtr = std::shared_ptr<const Asker>;

  boost::asio::awaitable<ServerResponse>
  log_in(LoginMessage message, AskerPtr asker, AuditEvent& trail);
  boost::asio::awaitable<ServerResponse>
  log_out(RegistryKey key, AskerPtr asker, AuditEvent& trail);
  // Where that cannot be told, erasing it does.
  boost::asio::awaitable<bool> may_be_stored(RegistryKey key, AskerPtr asker);

  Clock& clock_;
  CredentialService& credentials_;
  TokenService& tokens_;
  AccessCheck check_;
  AuditLog& audit_;
  Reload reload_;
};

} // namespace purser
