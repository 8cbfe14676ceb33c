#include "daemon/store/credential_store.hpp"

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

} // namespace purser
