#include "daemon/store/credential_store.hpp"

namespace purser {

boost::asio::awaitable<Result<>> CredentialStore::check()
{
  const auto names = co_await list({});
  if (!names) co_return names.error();
  co_return Result<>{};
}

} // namespace purser
