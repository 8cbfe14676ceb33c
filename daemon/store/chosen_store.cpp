#include "daemon/store/chosen_store.hpp"

#include "daemon/async/timeout.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

constexpr int k_most_choices = 3; // that change while one reader looks

asio::awaitable<Result<Gate::Pass>> place_behind(Gate& gate)
{
  co_return co_await gate.enter();
}

} // namespace

ChosenStore::ChosenStore(const asio::any_io_executor& ex,
                         Clock& clock,
                         StoreChooser& chooser,
                         CredentialStore& file,
                         CredentialStore& keyring)
  : gate_(ex, k_changes), clock_(clock), chooser_(chooser), file_(file), keyring_(keyring)
{
}

asio::awaitable<Result<std::optional<Credential>>> ChosenStore::get(std::string space,
                                                                    std::string key)
{
  if (!space.empty()) co_return co_await file_.get(std::move(space), std::move(key));
  for (int tries = 1;; ++tries) {
    const auto kind = co_await chooser_.choose(StoreChooser::Occasion::read);
    if (!kind) co_return kind.error();
    auto found = co_await at(kind->value_or(StoreKind::file)).get({}, key);
    if (!found || *found || tries == k_most_choices) co_return found;
    // It may have been moved between the choice and the look.
    const auto now = co_await chooser_.choose(StoreChooser::Occasion::read);
    if (now && *now == *kind) co_return found;
  }
}

asio::awaitable<Result<>>
ChosenStore::store(std::string space, std::string key, Credential credential)
{
  if (!space.empty())
    co_return co_await file_.store(std::move(space), std::move(key), std::move(credential));
  const auto pass = co_await enter();
  if (!pass) co_return pass.error();
  const auto kind = co_await chooser_.choose(StoreChooser::Occasion::store);
  if (!kind) co_return kind.error();
  const auto place = kind->value_or(StoreKind::file);
  auto stored = co_await at(place).store({}, key, std::move(credential));
  if (stored) co_await forget_left_copy(place, std::move(key));
  co_return stored;
}

asio::awaitable<Result<>> ChosenStore::erase(std::string space, std::string key)
{
  if (!space.empty()) co_return co_await file_.erase(std::move(space), std::move(key));
  const auto pass = co_await enter();
  if (!pass) co_return pass.error();
  const auto kind = co_await chooser_.choose(StoreChooser::Occasion::read);
  if (!kind) co_return kind.error();
  const auto place = kind->value_or(StoreKind::file);
  auto erased = co_await at(place).erase({}, key);
  if (erased) co_await forget_left_copy(place, std::move(key));
  co_return erased;
}

asio::awaitable<Result<std::vector<StoredName>>> ChosenStore::list(std::string space)
{
  if (!space.empty()) co_return co_await file_.list(std::move(space));
  const auto kind = co_await chooser_.choose(StoreChooser::Occasion::read);
  if (!kind) co_return kind.error();
  co_return co_await at(kind->value_or(StoreKind::file)).list({});
}

asio::awaitable<Result<std::size_t>> ChosenStore::clear(std::string space)
{
  if (!space.empty()) co_return co_await file_.clear(std::move(space));
  co_return co_await CredentialStore::clear({});
}

asio::awaitable<Result<SpaceSizes>> ChosenStore::spaces()
{
  co_return co_await file_.spaces();
}

asio::awaitable<Result<>> ChosenStore::check()
{
  const auto kind = co_await chooser_.choose(StoreChooser::Occasion::look);
  if (!kind) co_return kind.error();
  co_return co_await at(kind->value_or(StoreKind::file)).check();
}

asio::awaitable<Result<std::vector<StoredName>>> ChosenStore::known_names()
{
  const auto kind = co_await chooser_.choose(StoreChooser::Occasion::look);
  if (!kind) co_return kind.error();
  co_return co_await at(kind->value_or(StoreKind::file)).list({});
}

std::string ChosenStore::description() const
{
  if (const auto kind = chooser_.known())
    return *kind == StoreKind::file ? file_.description() : keyring_.description();
  return file_.description() + " (until one is chosen)";
}

asio::awaitable<Result<Gate::Pass>> ChosenStore::enter()
{
  auto pass = co_await with_timeout(clock_, k_wait, place_behind(gate_));
  if (pass || pass.error().code != Errc::timeout) co_return pass;
  co_return with_remedy({Errc::transient, "stored credentials are being moved, or changes of them "
                                          "do not end: see purser store, and try again"});
}

asio::awaitable<Result<ChosenStore::Closed>> ChosenStore::close()
{
  auto closed = co_await with_timeout(clock_, k_close_limit, take_all_places());
  if (closed || closed.error().code != Errc::timeout) co_return closed;
  co_return with_remedy(
      {Errc::transient, "somebody's login or logout does not end: try again in a moment"});
}

asio::awaitable<Result<ChosenStore::Closed>> ChosenStore::take_all_places()
{
  std::vector<Gate::Pass> places;
  places.reserve(k_changes);
  while (places.size() < k_changes)
    places.push_back(co_await gate_.enter());
  Closed closed(std::move(places)); // NOLINT(clang-analyzer-cplusplus.Move): once
  co_return std::move(closed);
}

// A move that did not end left the old store's copy behind, which must not come back by the next.
asio::awaitable<void> ChosenStore::forget_left_copy(StoreKind now, std::string key)
{
  const auto choice = co_await chooser_.written();
  if (!choice || !*choice || (*choice)->leaving != other_than(now)) co_return;
  const auto erased = co_await at(other_than(now)).erase({}, std::move(key));
  if (!erased)
    spdlog::warn("a credential that was moved is still in the other store: {}",
                 erased.error().what);
}

} // namespace purser
