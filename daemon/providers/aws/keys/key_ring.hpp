#pragma once

#include "daemon/async/worker.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/providers/aging_table.hpp"
#include "daemon/providers/aws/aws_source.hpp"
#include "daemon/providers/aws/keys/issued_keys.hpp"
#include "daemon/providers/aws/keys/login_issuer.hpp"
#include "daemon/providers/aws/keys/metadata_issuer.hpp"
#include "daemon/providers/aws/keys/process_issuer.hpp"
#include "daemon/providers/aws/keys/sso_issuer.hpp"
#include "daemon/providers/aws/keys/sts_issuer.hpp"
#include "daemon/providers/aws/signed_client.hpp"
#include "daemon/renewal/renewing.hpp"
#include "daemon/renewal/report.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <compare>
#include <functional>
#include <memory>
#include <string>

namespace purser::aws {

// The keys of sources. Those that somebody issues (STS, SSO, metadata, a program) are kept,
// sealed, and renewed like tokens: one question for all who ask, and renewal ahead of time
// while somebody needs them.
//
// An instance's keys stay in use past their end while EC2's metadata service has no newer ones:
// AWS accepts them then.
class KeyRing {
public:
  static constexpr std::size_t k_max_sources = 4096;

  // Everything is borrowed, and outlives it.
  KeyRing(boost::asio::any_io_executor ex,
          Clock& clock,
          HttpClient& http,
          SignedClient& signed_http,
          WorkerPool& files,
          ProgramBroker& programs,
          const SealingKey& key,
          Uniform uniform);

  // Keys that are alive. `egress` is the way to whoever issues them, and part of what they
  // are known by. Errors say whom was asked, by whose keys, and what to do.
  [[nodiscard]] boost::asio::awaitable<Result<AwsKeys>> get(AwsSourcePtr source, Egress egress);

  // After AWS refused the keys of that id: the next get() asks for new ones, where others have
  // not come meanwhile.
  void forget(const AwsSourcePtr& source, const Egress& egress, const std::string& access_key_id);
  void forgive() { kept_.forgive(); }
  // The same for one source that has changed: what is asked for from now on is asked for with
  // this one.
  void forgive(const AwsSourcePtr& source, const Egress& egress);

  // Drops the keys of sources that nobody holds any more, and so nobody asks for.
  void forget_orphans();

  [[nodiscard]] RenewalReport report() const { return report_on(kept_, clock_.now()); }

  // Spawn it once.
  [[nodiscard]] boost::asio::awaitable<void> tend() { return kept_.tend(); }

private:
  // Ordered by the digest of all the rest. The source may hold secrets that came with a request:
  // how long they are kept is not for keys to decide.
  struct Wanted {
    std::string digest;
    std::weak_ptr<const AwsSource> source;
    std::string sealed_egress;

    friend std::strong_ordering operator<=>(const Wanted& a, const Wanted& b)
    {
      return a.digest.compare(b.digest) <=> 0;
    }
  };
  using SealedPtr = std::shared_ptr<const std::string>;

  // Keys that an instance gave, and their end.
  struct Given {
    SealedPtr sealed;
    BootTime expires_at;
  };

  [[nodiscard]] Wanted wanted(const AwsSourcePtr& source, const Egress& egress) const;
  [[nodiscard]] static std::string issuer_of(const Wanted& wanted);
  [[nodiscard]] SealedPtr sealed(const Wanted& wanted, const AwsKeys& keys) const;
  boost::asio::awaitable<Result<Fetched<SealedPtr>>> fetch(Wanted wanted);
  boost::asio::awaitable<Obtained>
  attempt(AwsSourcePtr source, AwsKeys base, Egress egress, int retries);
  Result<Fetched<SealedPtr>> given_by_instance(const Wanted& wanted, const Obtained& obtained);

  Clock& clock_;
  const SealingKey& key_;
  Uniform uniform_;
  StsIssuer sts_;
  SsoIssuer sso_;
  LoginIssuer login_;
  MetadataIssuer metadata_;
  ProcessIssuer process_;
  AgingTable<Given> given_; // by instances, by digest
  Renewing<Wanted, SealedPtr> kept_;
};

// Whether other keys may do better, or newer ones of the same source.
[[nodiscard]] bool refuses_keys(Errc code);

// AwsSource::sealed_secret of a source that has keys.
[[nodiscard]] std::string seal_own_keys(const SealingKey& key, const AwsKeys& keys);
// And of what needs one secret to be asked: a container's or a job's token, a program.
[[nodiscard]] std::string seal_means(const SealingKey& key, const Secret& means);

} // namespace purser::aws
