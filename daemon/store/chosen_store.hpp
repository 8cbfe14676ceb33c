#pragma once

#include "daemon/async/gate.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/store/store_chooser.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace purser {

// The store that is chosen (StoreChooser), asked anew for each verb; a namespace's entries always
// lie in the sealed file.
//
// Changes pass a gate that a migration closes: none is made to a store that is being left. Reading
// goes on. Errors besides those of the stores: those of the choice, and transient where the gate
// stays closed.
class ChosenStore final : public CredentialStore {
public:
  static constexpr std::size_t k_changes = 16; // at once; the others wait
  static constexpr Duration k_wait = std::chrono::seconds(7);
  static constexpr Duration k_close_limit = std::chrono::seconds(10);

  // Nobody changes anything while it lives.
  class Closed {
  public:
    explicit Closed(std::vector<Gate::Pass> places) : places_(std::move(places)) {}

  private:
    std::vector<Gate::Pass> places_;
  };

  // All of them outlive this.
  ChosenStore(const boost::asio::any_io_executor& ex,
              Clock& clock,
              StoreChooser& chooser,
              CredentialStore& file,
              CredentialStore& keyring);

  [[nodiscard]] boost::asio::awaitable<Result<std::optional<Credential>>>
  get(std::string space, std::string key) override;
  [[nodiscard]] boost::asio::awaitable<Result<>>
  store(std::string space, std::string key, Credential credential) override;
  [[nodiscard]] boost::asio::awaitable<Result<>> erase(std::string space, std::string key) override;
  [[nodiscard]] boost::asio::awaitable<Result<std::vector<StoredName>>>
  list(std::string space) override;
  [[nodiscard]] boost::asio::awaitable<Result<std::size_t>> clear(std::string space) override;
  [[nodiscard]] boost::asio::awaitable<Result<SpaceSizes>> spaces() override;

  // Of the store that is chosen already, or of the file; chooses none.
  [[nodiscard]] boost::asio::awaitable<Result<>> check() override;
  [[nodiscard]] boost::asio::awaitable<Result<std::vector<StoredName>>> known_names() override;
  [[nodiscard]] std::string description() const override;
  [[nodiscard]] std::string reason() const override { return chooser_.reason(); }

  // Closes the gate, once the changes that are under way have ended.
  [[nodiscard]] boost::asio::awaitable<Result<Closed>> close();
  [[nodiscard]] CredentialStore& at(StoreKind kind)
  {
    return kind == StoreKind::file ? file_ : keyring_;
  }

private:
  boost::asio::awaitable<Result<Gate::Pass>> enter();
  boost::asio::awaitable<Result<Closed>> take_all_places();
  boost::asio::awaitable<void> forget_left_copy(StoreKind now, std::string key);

  Gate gate_;
  Clock& clock_;
  StoreChooser& chooser_;
  CredentialStore& file_;
  CredentialStore& keyring_;
};

} // namespace purser
