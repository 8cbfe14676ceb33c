#pragma once

#include "common/registry_url.hpp"
#include "daemon/observe/audit.hpp"
#include "daemon/server/credential_service.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/time/clock.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace purser {

// `POST /v1/bazel/get` with a helper's body: headers for a URI. The seam for Bearer tokens by
// scope, which a URI of the distribution API would name, is answer().
class BazelHandler final : public RequestHandler {
public:
  // Brings the configuration up to date before a request is looked at.
  using Reload = std::function<boost::asio::awaitable<void>()>;

  BazelHandler(Clock& clock, CredentialService& credentials, AuditLog& audit, Reload reload)
    : clock_(clock), credentials_(credentials), audit_(audit), reload_(std::move(reload))
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  boost::asio::awaitable<ServerResponse>
  answer(RegistryUrl url, std::shared_ptr<const Asker> asker, Duration patience, AuditEvent& trail);

  Clock& clock_;
  CredentialService& credentials_;
  AuditLog& audit_;
  Reload reload_;
};

} // namespace purser
