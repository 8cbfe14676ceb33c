#pragma once

#include "daemon/async/worker.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/programs/program_broker.hpp"
#include "daemon/providers/aws/aws_source.hpp"
#include "daemon/providers/aws/keys/file_sessions.hpp"
#include "daemon/providers/aws/keys/issued_keys.hpp"
#include "daemon/providers/aws/keys/login_token.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace purser::aws {

// Gives the keys of a session that somebody began with `aws login`, and renews it with AWS
// Sign-In where it is at its end.
class LoginIssuer {
public:
  // Everything is borrowed.
  LoginIssuer(boost::asio::any_io_executor ex,
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

  // `url` is that of AWS Sign-In. interaction_required where somebody has to log in.
  [[nodiscard]] boost::asio::awaitable<Obtained>
  get(AwsSourcePtr source, Egress egress, std::string url);

private:
  using EditedFile = std::function<Result<std::optional<Secret>>()>;
  using TokenPtr = std::shared_ptr<const LoginToken>;

  boost::asio::awaitable<Result<LoginToken>> read(AwsSourcePtr source);
  boost::asio::awaitable<Result<LoginToken>>
  renew(AwsSourcePtr source, Egress egress, std::string url, TokenPtr token);
  boost::asio::awaitable<Result<LoginToken>>
  ask(AwsSourcePtr source, Egress egress, std::string url, TokenPtr token);
  [[nodiscard]] Error refusal(const AwsSource& source, const HttpResponse& response) const;
  boost::asio::awaitable<Result<>> write(std::string path, EditedFile edited);

  Clock& clock_;
  HttpClient& http_;
  WorkerPool& files_;
  ProgramBroker& programs_;
  FileSessions<LoginToken> sessions_;
};

} // namespace purser::aws
