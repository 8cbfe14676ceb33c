#pragma once

#include "daemon/store/credential_store.hpp"

#include <map>
#include <string>
#include <utility>

namespace purser {

// Stored credentials that end with the process: for tests. Not sealed.
class MemoryStore final : public CredentialStore {
public:
  [[nodiscard]] boost::asio::awaitable<Result<std::optional<Credential>>>
  get(std::string space, std::string key) override;
  [[nodiscard]] boost::asio::awaitable<Result<>>
  store(std::string space, std::string key, Credential credential) override;
  [[nodiscard]] boost::asio::awaitable<Result<>> erase(std::string space, std::string key) override;
  [[nodiscard]] boost::asio::awaitable<Result<std::vector<StoredName>>>
  list(std::string space) override;

  [[nodiscard]] std::string description() const override { return "memory"; }

private:
  std::map<std::pair<std::string, std::string>, Credential> credentials_; // by namespace and key
};

} // namespace purser
