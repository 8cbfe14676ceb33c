#pragma once

#include "common/registry_url.hpp"
#include "daemon/observe/audit.hpp"
#include "daemon/server/credential_service.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/time/clock.hpp"
#include "daemon/tokens/token_service.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace purser {

// `POST /v1/bazel/get` with a helper's body: headers for a URI. Where a login is stored for it, the
// URI names a repository and its registry wants Bearer tokens, that is a token for pulling there;
// else the credential itself.
class BazelHandler final : public RequestHandler {
public:
  // Brings the configuration up to date before a request is looked at.
  using Reload = std::function<boost::asio::awaitable<void>()>;

  // Without `tokens` it is always the credential itself.
  BazelHandler(Clock& clock,
               CredentialService& credentials,
               AuditLog& audit,
               Reload reload,
               TokenService* tokens = nullptr)
    : clock_(clock)
    , credentials_(credentials)
    , audit_(audit)
    , reload_(std::move(reload))
    , tokens_(tokens)
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  boost::asio::awaitable<ServerResponse>
  answer(RegistryUrl url, std::shared_ptr<const Asker> asker, Duration patience, AuditEvent& trail);
  // Nothing where the registry does not want a token, or cannot be asked: whoever got the
  // credential itself will hear from it why.
  boost::asio::awaitable<Result<std::optional<AccessToken>>> token(Inquiry inquiry);
  [[nodiscard]] std::string expires(const Handout& handout) const;

  Clock& clock_;
  CredentialService& credentials_;
  AuditLog& audit_;
  Reload reload_;
  TokenService* tokens_;
};

} // namespace purser
