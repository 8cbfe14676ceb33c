#pragma once

#include "daemon/async/worker.hpp"
#include "daemon/programs/program_broker.hpp"
#include "daemon/providers/aws/aws_source.hpp"
#include "daemon/providers/aws/keys/file_sessions.hpp"
#include "daemon/providers/aws/keys/issued_keys.hpp"
#include "daemon/providers/aws/keys/sso_token.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace purser::aws {

// Asks the portal of IAM Identity Center for the keys of a role, with a session that somebody
// began with the aws command, and renews that session where it is at its end.
class SsoIssuer {
public:
  // Everything is borrowed.
  SsoIssuer(boost::asio::any_io_executor ex,
            Clock& clock,
            HttpClient& http,
            WorkerPool& files,
            ProgramBroker& programs)
    : clock_(clock)
    , http_(http)
    , files_(files)
    , programs_(programs)
    , sessions_(std::move(ex), clock)
  {
  }

  // interaction_required where somebody has to log in.
  [[nodiscard]] boost::asio::awaitable<Obtained>
  ask_portal(AwsSourcePtr source, Egress egress, std::string url);

private:
  using EditedFile = std::function<Result<std::optional<Secret>>()>;
  boost::asio::awaitable<Result<SsoToken>> live_token(AwsSourcePtr source, Egress egress);
  boost::asio::awaitable<Result<SsoToken>> read(SsoSession session);
  boost::asio::awaitable<Result<SsoToken>>
  renew(AwsSourcePtr source, Egress egress, std::shared_ptr<const SsoToken> token);
  boost::asio::awaitable<Result<RenewedSsoToken>>
  ask_oidc(AwsSourcePtr source, Egress egress, std::shared_ptr<const SsoToken> token);
  boost::asio::awaitable<Result<>> write(std::string path, EditedFile edited);

  Clock& clock_;
  HttpClient& http_;
  WorkerPool& files_;
  ProgramBroker& programs_;
  FileSessions<SsoToken> sessions_;
};

} // namespace purser::aws
