#include "daemon/store/memory_store.hpp"

namespace purser {
namespace asio = boost::asio;

asio::awaitable<Result<std::optional<Credential>>> MemoryStore::get(std::string space,
                                                                    std::string key)
{
  const auto found = credentials_.find({std::move(space), std::move(key)});
  if (found == credentials_.end()) co_return std::optional<Credential>();
  co_return std::optional(Credential(found->second.username, found->second.secret.clone()));
}

asio::awaitable<Result<>>
MemoryStore::store(std::string space, std::string key, Credential credential)
{
  credentials_.insert_or_assign({std::move(space), std::move(key)}, std::move(credential));
  co_return Result<>();
}

asio::awaitable<Result<>> MemoryStore::erase(std::string space, std::string key)
{
  credentials_.erase({std::move(space), std::move(key)});
  co_return Result<>();
}

asio::awaitable<Result<std::vector<StoredName>>> MemoryStore::list(std::string space)
{
  std::vector<StoredName> names;
  for (const auto& [name, credential] : credentials_)
    if (name.first == space) names.push_back(StoredName{name.second, credential.username});
  co_return names;
}

} // namespace purser
