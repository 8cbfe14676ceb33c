#include "daemon/paths.hpp"

#include "common/socket_path.hpp"
#include "daemon/config/config_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <string_view>

namespace purser {
namespace {

bool is_our_folder(const std::string& path)
{
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
         status.st_uid == ::geteuid();
}

Result<std::string> socket_path(const Environment& own)
{
  SocketSearch search;
  search.purser_socket = own.get("PURSER_SOCKET").value_or("");
  search.xdg_runtime_dir = own.get("XDG_RUNTIME_DIR").value_or("");
  search.home = own.get("HOME").value_or("");
  search.euid = ::geteuid();
  search.run_user_is_ours = is_our_folder("/run/user/" + std::to_string(search.euid));
  const SocketPath found = find_socket_path(search);
  const std::string variable(found.variable);
  switch (found.problem) {
  case SocketPath::Problem::none: return std::string(found.view());
  case SocketPath::Problem::relative:
    return Error{Errc::misconfigured, variable + " is not an absolute path"};
  case SocketPath::Problem::too_long:
    return Error{Errc::misconfigured,
                 "the socket's path is longer than 107 bytes; set PURSER_SOCKET to a shorter one"};
  case SocketPath::Problem::no_home: break;
  }
  return Error{Errc::misconfigured, "none of PURSER_SOCKET, XDG_RUNTIME_DIR and HOME is set"};
}

} // namespace

Environment process_environment()
{
  std::string entries;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    entries += *entry;
    entries += '\0';
  }
  return Environment(entries);
}

Result<Paths> find_paths(const Environment& own)
{
  const auto socket = socket_path(own);
  if (!socket) return socket.error();
  // Users of containers may have no HOME. What there is no other place for is beside the socket
  // then.
  std::string home(own.get("HOME").value_or(""));
  if (home.empty()) home = socket->substr(0, socket->rfind('/'));
  ConfigSearch search;
  search.purser_config = own.get("PURSER_CONFIG").value_or("");
  search.xdg_config_home = own.get("XDG_CONFIG_HOME").value_or("");
  search.home = home;
  const auto config = find_config_path(search);
  if (!config) return config.error();
  StoreSearch store;
  store.home = home;
  store.xdg_state_home = own.get("XDG_STATE_HOME").value_or("");
  store.xdg_data_home = own.get("XDG_DATA_HOME").value_or("");
  store.credentials_directory = own.get("CREDENTIALS_DIRECTORY").value_or("");
  const auto places = find_store_places(store);
  if (!places) return places.error();

  const std::string state = places->credentials.substr(0, places->credentials.rfind('/'));
  Paths paths;
  paths.socket = *socket;
  paths.config = *config;
  paths.config_named = !search.purser_config.empty();
  paths.last_good = state + "/config.last-good.json";
  paths.store_choice = state + "/store";
  paths.cache = state + "/cache";
  paths.managed_hosts = state + "/managed-hosts";
  paths.store = *places;
  return paths;
}

} // namespace purser
