#pragma once

#include "daemon/store/credential_store.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace purser::test {

// Credentials in a map, and trouble on demand.
class MapStore final : public CredentialStore {
public:
  using Key = std::pair<std::string, std::string>;

  boost::asio::awaitable<Result<std::optional<Credential>>> get(std::string space,
                                                                std::string key) override
  {
    if (trouble) co_return *trouble;
    const auto found = held.find(Key(space, key));
    if (found == held.end()) co_return std::optional<Credential>();
    co_return std::optional<Credential>(
        Credential(found->second.username, found->second.secret.clone()));
  }
  boost::asio::awaitable<Result<>>
  store(std::string space, std::string key, Credential credential) override
  {
    if (trouble) co_return *trouble;
    held.insert_or_assign(Key(space, key), std::move(credential));
    co_return Result<>{};
  }
  boost::asio::awaitable<Result<>> erase(std::string space, std::string key) override
  {
    if (trouble) co_return *trouble;
    held.erase(Key(space, key));
    co_return Result<>{};
  }
  boost::asio::awaitable<Result<std::vector<StoredName>>> list(std::string space) override
  {
    if (trouble) co_return *trouble;
    std::vector<StoredName> names;
    for (const auto& [key, credential] : held)
      if (key.first == space) names.push_back(StoredName{key.second, credential.username});
    co_return names;
  }
  [[nodiscard]] std::string description() const override { return "a map"; }

  std::map<Key, Credential> held;
  std::optional<Error> trouble;
};

} // namespace purser::test
