#pragma once

#include "daemon/async/event.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/providers/aws/aws_error.hpp"
#include "daemon/providers/aws/aws_source.hpp"
#include "daemon/providers/aws/keys/issued_keys.hpp"
#include "daemon/providers/aws/keys/sso_token.hpp"
#include "daemon/providers/aws/signed_client.hpp"
#include "daemon/renewal/renewing.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace purser::aws {

// The keys of sources. Those that STS, a container's endpoint or EC2's metadata give are kept,
// sealed, and renewed like tokens: one question for all who ask, and renewal ahead of time
// while somebody needs them.
class KeyRing {
public:
  static constexpr std::size_t k_max_sources = 4096;

  // Everything is borrowed, and outlives it.
  KeyRing(boost::asio::any_io_executor ex,
          Clock& clock,
          HttpClient& http,
          SignedClient& signed_http,
          WorkerPool& files,
          const SealingKey& key,
          Uniform uniform);

  // Keys that are alive. `egress` is the way to whoever issues them, and part of what they
  // are known by. Errors say whom was asked, by whose keys, and what to do.
  [[nodiscard]] boost::asio::awaitable<Result<AwsKeys>> get(AwsSourcePtr source, Egress egress);

  // After AWS refused them: the next get() asks for new ones.
  void forget(const AwsSourcePtr& source, const Egress& egress);
  void forgive() { kept_.forgive(); }
  // The same for one source.
  void forgive(const AwsSourcePtr& source, const Egress& egress);

  // Spawn it once.
  [[nodiscard]] boost::asio::awaitable<void> tend() { return kept_.tend(); }

private:
  // Ordered by the digest of all the rest.
  struct Wanted {
    std::string digest;
    AwsSourcePtr source;
    std::string sealed_egress;

    friend std::strong_ordering operator<=>(const Wanted& a, const Wanted& b)
    {
      return a.digest.compare(b.digest) <=> 0;
    }
  };
  using SealedPtr = std::shared_ptr<const std::string>;
  using Obtained = Result<Fetched<IssuedKeys>>;

  [[nodiscard]] Wanted wanted(const AwsSourcePtr& source, const Egress& egress) const;
  boost::asio::awaitable<Result<Fetched<SealedPtr>>> fetch(Wanted wanted);
  boost::asio::awaitable<Obtained> attempt(AwsSourcePtr source, Egress egress, int retries);
  boost::asio::awaitable<Obtained> assume(AwsSourcePtr source, Egress egress, std::string url);
  boost::asio::awaitable<Obtained>
  show_web_identity(AwsSourcePtr source, Egress egress, std::string url);
  boost::asio::awaitable<Obtained> ask_portal(AwsSourcePtr source, Egress egress, std::string url);
  boost::asio::awaitable<Result<SsoToken>> live_sso_token(AwsSourcePtr source, Egress egress);
  boost::asio::awaitable<Result<SsoToken>> read_sso(SsoSession session);
  boost::asio::awaitable<Result<SsoToken>>
  sso_token_after(SsoSession session, std::shared_ptr<const SsoToken> old, Error failure);
  boost::asio::awaitable<Result<SsoToken>>
  renew_sso_token(AwsSourcePtr source, Egress egress, std::shared_ptr<const SsoToken> token);
  boost::asio::awaitable<Obtained> ask_container(AwsSourcePtr source, Egress egress);
  boost::asio::awaitable<Obtained> ask_instance(AwsSourcePtr source);
  boost::asio::awaitable<Result<std::string>> open_metadata(std::string url);
  boost::asio::awaitable<Result<HttpResponse>>
  metadata_text(std::string url, std::string name, std::string token);
  boost::asio::awaitable<Result<Secret>> read_token(std::string path);
  [[nodiscard]] Obtained read(const HttpResponse& response,
                              BootTime sent_at,
                              Result<IssuedKeys> (*parse)(std::string_view),
                              const Attempt& asked) const;
  [[nodiscard]] std::string session_name() const;

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  HttpClient& http_;
  SignedClient& signed_http_;
  WorkerPool& files_;
  const SealingKey& key_;
  Uniform uniform_;
  Renewing<Wanted, SealedPtr> kept_;
  std::map<std::string, std::shared_ptr<Event>> renewals_; // of SSO sessions, by file
};

// AwsSource::sealed_secret of a source that has keys.
[[nodiscard]] std::string seal_own_keys(const SealingKey& key, const AwsKeys& keys);
// And of a container's endpoint.
[[nodiscard]] std::string seal_container_token(const SealingKey& key, const Secret& token);

} // namespace purser::aws
