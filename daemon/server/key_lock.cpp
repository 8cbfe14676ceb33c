#include "daemon/server/key_lock.hpp"

#include "common/host_pattern.hpp"
#include "daemon/config/small_file.hpp"
#include "daemon/store/key_ladder.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace purser {
namespace {

constexpr std::size_t k_max_index = std::size_t{1} << 20;

bool lists(std::string_view index, const RegistryKey& key)
{
  while (!index.empty()) {
    const std::string_view pattern = index.substr(0, index.find('\n'));
    index.remove_prefix(std::min(pattern.size() + 1, index.size()));
    if (pattern.empty()) continue;
    if (pattern == key.text() || pattern_matches(pattern, key.registry(), key.repository()))
      return true;
  }
  return false;
}

} // namespace

boost::asio::awaitable<Error> KeyLock::refusal(RegistryKey key, bool needs_token)
{
  if (needs_token) co_return locked_error();
  auto read = [path = index_] { return read_own_file(path, k_max_index); };
  const auto index = co_await files_.run<std::optional<std::string>>(std::move(read));
  if (!index || !*index || lists(**index, key)) co_return locked_error();
  co_return Error{Errc::not_configured, "nothing is stored and no rule claims it"};
}

} // namespace purser
