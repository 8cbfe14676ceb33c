#pragma once

#include "daemon/observe/audit.hpp"
#include "daemon/server/credential_service.hpp"
#include "daemon/server/kubelet_messages.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/time/clock.hpp"

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace purser {

// `POST /v1/kubelet/get` with a helper's body: the credential for an image.
//
// A request for a pod's service account is answered with that account's token or not at all:
// the token becomes a variable of the request, which a rule can name as its web identity.
class KubeletHandler final : public RequestHandler {
public:
  static constexpr std::string_view k_account_variable = "PURSER_SERVICE_ACCOUNT_TOKEN";
  // What does not say when it ends may be changed by somebody at any time.
  static constexpr std::chrono::seconds k_keep_stored{60};

  // Brings the configuration up to date before a request is looked at.
  using Reload = std::function<boost::asio::awaitable<void>()>;

  KubeletHandler(Clock& clock, CredentialService& credentials, AuditLog& audit, Reload reload)
    : clock_(clock), credentials_(credentials), audit_(audit), reload_(std::move(reload))
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  boost::asio::awaitable<ServerResponse> answer(std::shared_ptr<const kubelet::Request> wanted,
                                                std::shared_ptr<const Asker> asker,
                                                Duration patience,
                                                AuditEvent& trail);

  Clock& clock_;
  CredentialService& credentials_;
  AuditLog& audit_;
  Reload reload_;
};

} // namespace purser
