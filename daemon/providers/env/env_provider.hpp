#pragma once

#include "daemon/async/worker.hpp"
#include "daemon/providers/token_provider.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace purser {

// Hands out a credential that is there already: in variables of whoever asks, or in a file
// that the configuration names.
//
// Nothing of it is kept: each request is answered with what it brought itself, so that two jobs
// with different secrets cannot meet.
class EnvProvider final : public TokenProvider {
public:
  // Everything is borrowed from main.
  EnvProvider(Clock& clock, WorkerPool& files, const SealingKey& key)
    : clock_(clock), files_(files), key_(key)
  {
  }

  // not_configured where there is no secret; misconfigured where only the user's name is missing,
  // or where the file cannot be used.
  boost::asio::awaitable<Result<Resolved>>
  resolve(Rule rule, RegistryKey key, std::shared_ptr<const Asker> asker) override;

  boost::asio::awaitable<Result<Token>> fetch(Identity identity) override;

private:
  boost::asio::awaitable<Result<Secret>> find_secret(EnvRule from,
                                                     std::shared_ptr<const Asker> asker);

  Clock& clock_;
  WorkerPool& files_;
  const SealingKey& key_;
};

} // namespace purser
