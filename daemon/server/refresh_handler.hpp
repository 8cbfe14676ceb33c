#pragma once

#include "daemon/observe/audit.hpp"
#include "daemon/providers/diagnosis.hpp"
#include "daemon/server/credential_service.hpp"
#include "daemon/server/json_answer.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/time/clock.hpp"

#include <functional>
#include <string_view>
#include <utility>

namespace purser {

// `POST /v1/refresh` with a helper's body: obtains a new token for what a `get` of the same
// caller would be answered with. What it obtains stays here.
class RefreshHandler final : public RequestHandler {
public:
  // Brings the configuration up to date before a request is looked at.
  using Reload = std::function<boost::asio::awaitable<void>()>;

  RefreshHandler(Clock& clock, CredentialService& credentials, AuditLog& audit, Reload reload)
    : clock_(clock), credentials_(credentials), audit_(audit), reload_(std::move(reload))
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  [[nodiscard]] Json
  answer(const Refreshed& refreshed, const Diagnosis& diagnosis, const AuditEvent& trail) const;
  [[nodiscard]] std::string conclusion(const Refreshed& refreshed, const AuditEvent& trail) const;

  Clock& clock_;
  CredentialService& credentials_;
  AuditLog& audit_;
  Reload reload_;
};

} // namespace purser
