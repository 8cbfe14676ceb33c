#pragma once

#include "daemon/async/worker.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/providers/aging_table.hpp"
#include "daemon/providers/asker.hpp"
#include "daemon/providers/aws/aws_error.hpp"
#include "daemon/providers/aws/aws_sources.hpp"
#include "daemon/providers/aws/keys/key_ring.hpp"
#include "daemon/providers/aws/signed_client.hpp"
#include "daemon/providers/ecr/ecr_endpoint.hpp"
#include "daemon/providers/ecr/examination.hpp"
#include "daemon/providers/ecr/known_questions.hpp"
#include "daemon/providers/token_provider.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace purser::ecr {

// Obtains passwords for Amazon ECR and ECR Public.
//
// The identity is made of the API's kind, endpoint and region, the AWS keys with all that
// their profile says, and the way out to the network; not of the account in the host name,
// since one token serves all accounts of a region. What fetch() needs is kept for an hour
// after the last resolve() of the identity.
class EcrProvider final : public TokenProvider {
public:
  // Numbers from 0 to 1, for the delays between attempts.
  using Random = std::function<double()>;

  // `own` is the daemon's environment. Everything else is borrowed from main.
  EcrProvider(boost::asio::any_io_executor ex,
              Clock& clock,
              HttpClient& http,
              WorkerPool& files,
              ProgramBroker& programs,
              Environment own,
              const SealingKey& key,
              Random random = random_fraction());

  boost::asio::awaitable<Result<Resolved>>
  resolve(Rule rule, RegistryKey key, std::shared_ptr<const Asker> asker) override;

  boost::asio::awaitable<Result<Token>> fetch(Identity identity) override;

  boost::asio::awaitable<Result<>> prove(Identity identity, const Token& token) override;

  void describe(Diagnosis& diagnosis) const override;

  // Renews AWS keys that are needed again and again. Spawn it once.
  [[nodiscard]] boost::asio::awaitable<void> tend() { return keys_.tend(); }
  // Drops what came with requests an hour after the last of them, whether or not others come.
  // Spawn it once.
  [[nodiscard]] boost::asio::awaitable<void> forget_old();
  // What was concluded from our clock is wrong, and what failed may have failed for it.
  void clock_was_set()
  {
    signed_http_.forget_offsets();
    keys_.forgive();
  }
  // Tries at once what failed.
  void forgive() { keys_.forgive(); }
  void forgive(const Identity& identity) override;
  // Of the AWS keys that tokens are obtained with.
  [[nodiscard]] RenewalReport keys_report() const { return keys_.report(); }

private:
  // What a token is fetched with.
  struct Grant {
    aws::AwsSourcePtr source;
    EcrEndpoint endpoint;
    std::string sealed_egress; // the URL of a proxy may hold a password
    std::string probe;         // the registry that is asked about new tokens; empty: none
  };

  static Random random_fraction();
  // Under the name `asked` it is known from then on; not where that is empty.
  boost::asio::awaitable<Result<Resolved>>
  look_up(Rule rule, RegistryKey key, std::shared_ptr<const Asker> asker, std::string asked);
  boost::asio::awaitable<Result<aws::AwsSourcePtr>>
  find_source(aws::AwsSources::Question question, std::shared_ptr<Diagnosis> diagnosis);
  [[nodiscard]] Result<Standpoint> find_standpoint(const Rule& rule,
                                                   const std::shared_ptr<const Asker>& asker,
                                                   bool anonymous) const;
  Result<Resolved> remember(Grant grant, const Egress& egress);
  [[nodiscard]] std::optional<Resolved> recall(const std::string& question);
  boost::asio::awaitable<Result<Token>>
  attempt(std::shared_ptr<const Grant> grant, aws::AwsKeys keys, Egress egress, std::string url);
  [[nodiscard]] Result<Token>
  read(const HttpResponse& response, const Grant& grant, const std::string& host, BootTime sent);

  Clock& clock_;
  HttpClient& http_;
  const SealingKey& key_;
  std::shared_ptr<const Environment> own_;
  Random random_;
  aws::AwsSources sources_;
  aws::SignedClient signed_http_;
  aws::KeyRing keys_;
  Examination examination_;
  AgingTable<std::shared_ptr<const Grant>> grants_; // by identity
  KnownQuestions known_;
};

} // namespace purser::ecr
