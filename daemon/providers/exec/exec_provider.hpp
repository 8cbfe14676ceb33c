#pragma once

#include "daemon/async/gate.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/programs/program_broker.hpp"
#include "daemon/providers/aging_table.hpp"
#include "daemon/providers/token_provider.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace purser {

// Has credentials minted by programs that the configuration names (docs/exec.md).
//
// The identity is made of all that a program is given (its words, its variables, the question)
// and of what the rule says of it: whoever brings other variables has a run of its own. What
// fetch() needs is kept, sealed, for an hour after the last resolve() of the identity.
class ExecProvider final : public TokenProvider {
public:
  // Less than the broker runs at once, so that others find a place.
  static constexpr std::size_t k_max_running = 16;

  // `own` is the daemon's environment. Everything else is borrowed from main.
  ExecProvider(const boost::asio::any_io_executor& ex,
               Clock& clock,
               WorkerPool& files,
               ProgramBroker& programs,
               Environment own,
               const SealingKey& key);

  boost::asio::awaitable<Result<Resolved>>
  resolve(Rule rule, RegistryKey key, std::shared_ptr<const Asker> asker) override;

  boost::asio::awaitable<Result<Token>> fetch(Identity identity) override;

  // Drops what came with requests an hour after the last of them. Spawn it once.
  [[nodiscard]] boost::asio::awaitable<void> forget_old();

private:
  // What a program is run with.
  struct Grant {
    std::string program; // its path
    ExecProtocol protocol{};
    Duration limit{};
    Duration life{};    // of what does not say it
    std::string sealed; // the text of the Program: variables may be secrets
    std::string input;
  };
  using GrantPtr = std::shared_ptr<const Grant>;

  boost::asio::awaitable<Result<bool>> check(std::string program);
  boost::asio::awaitable<void> tell(Rule rule, std::shared_ptr<const Asker> asker);
  void remember(const std::string& digest,
                const ExecRule& rule,
                const Program& program,
                std::string input);
  [[nodiscard]] static Result<Token>
  token_of(const Grant& grant, Outcome outcome, BootTime begun, WallTime begun_wall);

  Clock& clock_;
  WorkerPool& files_;
  ProgramBroker& programs_;
  Environment own_;
  const SealingKey& key_;
  Gate gate_;
  AgingTable<GrantPtr> grants_; // by identity
};

} // namespace purser
