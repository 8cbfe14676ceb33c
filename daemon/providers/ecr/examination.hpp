#pragma once

#include "daemon/http/http_client.hpp"
#include "daemon/providers/asker.hpp"
#include "daemon/providers/aws/aws_source.hpp"
#include "daemon/providers/aws/chain_trace.hpp"
#include "daemon/providers/aws/keys/key_ring.hpp"
#include "daemon/providers/aws/signed_client.hpp"
#include "daemon/providers/diagnosis.hpp"
#include "daemon/providers/ecr/ecr_endpoint.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>

namespace purser::ecr {

// Whether somebody wants to hear what only an examination finds out.
[[nodiscard]] inline bool examines(const Asker& asker)
{
  return asker.diagnosis && asker.diagnosis->thorough;
}

// Looks at what a token is going to be asked for with, link by link, and tells a Diagnosis.
// Unlike a resolution it asks over the network: for the keys, as a fetch would, and then STS
// whose they are. No failure ends it: the fetch that follows has the last word.
class Examination {
public:
  // Everything is borrowed.
  Examination(Clock& clock, aws::KeyRing& keys, aws::SignedClient& http)
    : clock_(clock), keys_(keys), http_(http)
  {
  }

  [[nodiscard]] boost::asio::awaitable<void> examine(std::shared_ptr<Diagnosis> diagnosis,
                                                     aws::AwsSourcePtr source,
                                                     EcrEndpoint endpoint,
                                                     Egress egress,
                                                     Result<aws::Issuer> sts);

private:
  boost::asio::awaitable<Result<aws::AwsKeys>>
  obtain(std::shared_ptr<Diagnosis> diagnosis, aws::AwsSourcePtr source, Egress egress);

  Clock& clock_;
  aws::KeyRing& keys_;
  aws::SignedClient& http_;
};

// What became of each source of the chain.
void tell_sources(Diagnosis& diagnosis, const aws::ChainTrace& trace);

} // namespace purser::ecr
