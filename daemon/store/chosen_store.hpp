#pragma once

#include "daemon/store/credential_store.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace purser {

// The store that the configuration names, asked anew for each verb: a change of it counts at
// once, and moves nothing.
class ChosenStore final : public CredentialStore {
public:
  using Choice = std::function<CredentialStore&()>;

  explicit ChosenStore(Choice choice) : choice_(std::move(choice)) {}

  [[nodiscard]] boost::asio::awaitable<Result<std::optional<Credential>>>
  get(std::string space, std::string key) override
  {
    return choice_().get(std::move(space), std::move(key));
  }
  [[nodiscard]] boost::asio::awaitable<Result<>>
  store(std::string space, std::string key, Credential credential) override
  {
    return choice_().store(std::move(space), std::move(key), std::move(credential));
  }
  [[nodiscard]] boost::asio::awaitable<Result<>> erase(std::string space, std::string key) override
  {
    return choice_().erase(std::move(space), std::move(key));
  }
  [[nodiscard]] boost::asio::awaitable<Result<std::vector<StoredName>>>
  list(std::string space) override
  {
    return choice_().list(std::move(space));
  }
  [[nodiscard]] boost::asio::awaitable<Result<>> check() override { return choice_().check(); }
  [[nodiscard]] std::string description() const override { return choice_().description(); }

private:
  Choice choice_;
};

} // namespace purser
