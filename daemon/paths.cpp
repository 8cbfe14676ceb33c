#include "daemon/paths.hpp"

#include "common/socket_path.hpp"
#include "daemon/config/config_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <string_view>

namespace purser {
namespace {

Result<std::string>
base_folder(const Environment& own, std::string_view variable, std::string_view below_home)
{
  if (const auto folder = own.get(variable)) {
    if (!folder->starts_with('/'))
      return Error{Errc::misconfigured, std::string(variable) + " is not an absolute path"};
    return std::string(*folder) + "/purser";
  }
  const auto home = own.get("HOME");
  if (!home || !home->starts_with('/'))
    return Error{Errc::misconfigured,
                 "HOME is not an absolute path, and " + std::string(variable) + " is not set"};
  return std::string(*home) + std::string(below_home) + "/purser";
}

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

Result<Paths> find_paths(const Environment& own)
{
  const auto socket = socket_path(own);
  if (!socket) return socket.error();
  ConfigSearch search;
  search.purser_config = own.get("PURSER_CONFIG").value_or("");
  search.xdg_config_home = own.get("XDG_CONFIG_HOME").value_or("");
  search.home = own.get("HOME").value_or("");
  const auto config = find_config_path(search);
  if (!config) return config.error();
  const auto state = base_folder(own, "XDG_STATE_HOME", "/.local/state");
  if (!state) return state.error();
  const auto secrets = base_folder(own, "XDG_DATA_HOME", "/.local/share");
  if (!secrets) return secrets.error();

  Paths paths;
  paths.socket = *socket;
  paths.config = *config;
  paths.last_good = *state + "/config.last-good.json";
  paths.credentials = *state + "/credentials";
  paths.key = *secrets + "/key";
  paths.managed_hosts = *state + "/managed-hosts";
  return paths;
}

} // namespace purser
