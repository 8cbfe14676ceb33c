#include "daemon/store/store_places.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace purser {
namespace {

bool relative(std::string_view path)
{
  return !path.empty() && path.front() != '/';
}

} // namespace

Result<StorePlaces> find_store_places(const StoreSearch& search)
{
  const std::array<std::pair<std::string_view, const std::string&>, 5> named{
      {{"HOME", search.home},
       {"XDG_STATE_HOME", search.xdg_state_home},
       {"XDG_DATA_HOME", search.xdg_data_home},
       {"CREDENTIALS_DIRECTORY", search.credentials_directory},
       {"the configured key file", search.configured_key_file}}};
  for (const auto& [name, path] : named)
    if (relative(path))
      return Error{Errc::misconfigured, std::string(name) + " must be an absolute path: " + path};

  const bool needs_home = search.xdg_state_home.empty() || search.xdg_data_home.empty();
  if (needs_home && search.home.empty())
    return Error{Errc::misconfigured, "HOME is not set: there is no place for credentials"};

  const auto& state = search.xdg_state_home;
  const auto& kept = search.xdg_data_home;
  StorePlaces places;
  places.credentials =
      (state.empty() ? search.home + "/.local/state" : state) + "/purser/credentials";
  places.key.credentials_directory = search.credentials_directory;
  places.key.configured_file = search.configured_key_file;
  places.key.generated_file = (kept.empty() ? search.home + "/.local/share" : kept) + "/purser/key";
  return places;
}

} // namespace purser
