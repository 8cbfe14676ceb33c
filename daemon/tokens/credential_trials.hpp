#pragma once

#include "common/result.hpp"
#include "daemon/async/gate.hpp"
#include "daemon/providers/aging_table.hpp"
#include "daemon/renewal/renewing.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace purser {

// Keeps a wrong password from being shown again and again, once for each scope that somebody wants:
// Docker Hub and others lock the account. A credential that was never accepted is tried by one at a
// time; one that was refused waits, 30 to 60 s at first and up to 10 minutes, whoever asks for
// whatever.
class CredentialTrials {
public:
  static constexpr std::size_t k_max = 1024;
  static constexpr Duration k_remembered = std::chrono::hours(24);

  // What one who may try holds meanwhile; nothing inside where the credential is known to be good.
  using Pass = std::optional<Gate::Pass>;

  CredentialTrials(boost::asio::any_io_executor ex, Clock& clock, Uniform uniform);

  // `credential` is a digest of it and of whom it is shown to. The error with which it was refused,
  // where it is not to be tried yet.
  [[nodiscard]] boost::asio::awaitable<Result<Pass>> begin(std::string credential);
  void accepted(const std::string& credential);
  void refused(const std::string& credential, const Error& error);

private:
  struct Trial {
    explicit Trial(const boost::asio::any_io_executor& ex) : gate(ex, 1) {}

    Gate gate;
    bool proven = false;
    unsigned failures = 0; // in a row
    BootTime wait_until{};
    std::optional<Error> error;
  };

  std::shared_ptr<Trial> trial_of(const std::string& credential);
  [[nodiscard]] std::optional<Error> remembered(const Trial& trial) const;

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  Uniform uniform_;
  AgingTable<std::shared_ptr<Trial>> trials_;
};

} // namespace purser
