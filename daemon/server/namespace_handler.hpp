#pragma once

#include "daemon/cache/overrides.hpp"
#include "daemon/observe/audit.hpp"
#include "daemon/server/credential_service.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/time/clock.hpp"

#include <string_view>

namespace purser {

// For who runs jobs: `GET /v1/namespaces` counts what each namespace holds, and
// `POST /v1/namespaces/clear` with a helper's body ends one (docs/protocol.md).
class NamespaceHandler final : public RequestHandler {
public:
  NamespaceHandler(Clock& clock,
                   CredentialService& credentials,
                   CredentialStore& store,
                   const Overrides& overrides,
                   AuditLog& audit)
    : clock_(clock), credentials_(credentials), store_(store), overrides_(overrides), audit_(audit)
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  boost::asio::awaitable<ServerResponse> list(Duration patience);
  boost::asio::awaitable<ServerResponse> clear(ServerRequest request);

  Clock& clock_;
  CredentialService& credentials_;
  CredentialStore& store_;
  const Overrides& overrides_;
  AuditLog& audit_;
};

} // namespace purser
