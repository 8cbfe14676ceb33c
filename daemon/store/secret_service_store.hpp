#pragma once

#include "daemon/async/gate.hpp"
#include "daemon/programs/program_broker.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/store/store_choice.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace purser {

// Stored credentials in the desktop's Secret Service (gnome-keyring, KWallet, KeePassXC), beside
// and readable by those of docker-credential-secretservice.
//
// One process of purser-keyring for each verb (docs/decisions/0004-keyring.md): what hangs or
// dies there is killed there, and a daemon that does not use it does not carry it. Nothing is
// asked before the first verb. There are no namespaces: a verb with one is refused.
//
// Errors: interaction_required (the keyring is locked), transient (no Secret Service answers),
// misconfigured (purser-keyring is not installed), protocol_error.
class SecretServiceStore final : public CredentialStore {
public:
  static constexpr Duration k_limit = std::chrono::seconds(9); // for one verb
  static constexpr Duration k_probe_limit = std::chrono::seconds(2);
  // More than purser-keyring gives the person (keyring/keyring.cpp).
  static constexpr Duration k_unlock_limit = std::chrono::seconds(62);
  static constexpr std::size_t k_at_once = 4; // verbs; the others wait

  // `program` is an absolute path. `environment` are the `NAME=VALUE` entries with which it finds
  // the session bus. `programs` must outlive this.
  SecretServiceStore(const boost::asio::any_io_executor& ex,
                     ProgramBroker& programs,
                     std::string program,
                     std::vector<std::string> environment);

  [[nodiscard]] boost::asio::awaitable<Result<std::optional<Credential>>>
  get(std::string space, std::string key) override;
  [[nodiscard]] boost::asio::awaitable<Result<>>
  store(std::string space, std::string key, Credential credential) override;
  [[nodiscard]] boost::asio::awaitable<Result<>> erase(std::string space, std::string key) override;
  [[nodiscard]] boost::asio::awaitable<Result<std::vector<StoredName>>>
  list(std::string space) override;

  // Whether it answers, and is unlocked.
  [[nodiscard]] boost::asio::awaitable<Result<>> check() override;
  // What is there; changes nothing and shows no prompt.
  [[nodiscard]] boost::asio::awaitable<Result<KeyringFinding>> probe();
  // Lets the Secret Service ask the person, who may take a minute, for its password.
  // interaction_required where it stays locked. One at a time; nobody else waits for it.
  [[nodiscard]] boost::asio::awaitable<Result<>> unlock();
  [[nodiscard]] std::string description() const override { return "Secret Service"; }

private:
  // How a verb ended that gave an answer; nothing where there is no such credential.
  boost::asio::awaitable<Result<std::optional<Secret>>>
  run(std::string verb, std::string space, Secret input);
  boost::asio::awaitable<Result<>> done(std::string verb, std::string space, Secret input);
  [[nodiscard]] Program program(const std::string& verb, const char* prompt) const;

  Gate gate_;
  Gate person_; // who is asked one thing at a time
  ProgramBroker& programs_;
  std::string program_;
  std::vector<std::string> environment_;
};

} // namespace purser
