#include "daemon/store/credential_store.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace purser {

boost::asio::awaitable<Result<>> CredentialStore::check()
{
  const auto names = co_await list({});
  if (!names) co_return names.error();
  co_return Result<>{};
}

boost::asio::awaitable<Result<std::vector<StoredName>>> CredentialStore::known_names()
{
  return list({});
}

boost::asio::awaitable<Result<std::size_t>> CredentialStore::clear(std::string space)
{
  const auto names = co_await list(space);
  if (!names) co_return names.error();
  for (const StoredName& name : *names)
    if (const auto erased = co_await erase(space, name.key); !erased) co_return erased.error();
  co_return names->size();
}

boost::asio::awaitable<Result<SpaceSizes>> CredentialStore::spaces()
{
  co_return SpaceSizes();
}

boost::asio::awaitable<Result<std::vector<StoredName>>> CredentialStore::list_all()
{
  auto all = co_await known_names();
  if (!all) co_return all.error();
  const auto sizes = co_await spaces();
  if (!sizes) co_return sizes.error();
  for (const auto& [space, size] : *sizes) {
    auto names = co_await list(space);
    if (!names) co_return names.error();
    std::move(names->begin(), names->end(), std::back_inserter(*all));
  }
  co_return all;
}

} // namespace purser
