#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace purser {

// A user name and secret that a person stored (`docker login`).
struct Credential {
  Credential(std::string u, Secret s) : username(std::move(u)), secret(std::move(s)) {}

  std::string username;
  Secret secret;
};

struct StoredName {
  std::string key; // canonical text of the RegistryKey
  std::string username;
};

// How many credentials each namespace has that a caller can be in; none is empty.
using SpaceSizes = std::map<std::string, std::size_t>;

// Keeps credentials by key (the canonical text of a RegistryKey) and namespace; the
// namespace keeps concurrent CI jobs apart and is empty for everybody else.
//
// store() and erase() return success only after the change is durable: it survives a
// crash of the machine. A store that cannot be opened is never replaced: every verb
// fails with the reason. Errors: misconfigured (permissions, key file), transient
// (full disk, lock held too long), interaction_required (locked), protocol_error
// (the file is damaged).
class CredentialStore {
public:
  virtual ~CredentialStore() = default;

  [[nodiscard]] virtual boost::asio::awaitable<Result<std::optional<Credential>>>
  get(std::string space, std::string key) = 0;
  [[nodiscard]] virtual boost::asio::awaitable<Result<>>
  store(std::string space, std::string key, Credential credential) = 0;
  // Erasing what is not there is a success.
  [[nodiscard]] virtual boost::asio::awaitable<Result<>> erase(std::string space,
                                                               std::string key) = 0;
  // Sorted by key.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::vector<StoredName>>>
  list(std::string space) = 0;

  // As list() of no namespace, for who only looks: chooses no store and shows no prompt.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::vector<StoredName>>> known_names();
  // Erases all of a namespace; how many there were.
  [[nodiscard]] virtual boost::asio::awaitable<Result<std::size_t>> clear(std::string space);
  // None where the store has no namespaces.
  [[nodiscard]] virtual boost::asio::awaitable<Result<SpaceSizes>> spaces();

  // Whether all that it needs can be opened, also before anything is stored.
  [[nodiscard]] virtual boost::asio::awaitable<Result<>> check();

  // What is stored without a namespace and in all that there are, one after the other.
  [[nodiscard]] boost::asio::awaitable<Result<std::vector<StoredName>>> list_all();

  // For status: "sealed file /home/ann/.local/state/purser/credentials", never a secret.
  [[nodiscard]] virtual std::string description() const = 0;
  // Why it is this one, where there are several; else empty.
  [[nodiscard]] virtual std::string reason() const { return {}; }
};

} // namespace purser
