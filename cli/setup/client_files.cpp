#include "cli/setup/client_files.hpp"

#include "common/foreign_home.hpp"

#include <unistd.h>

#include <cstdlib>
#include <initializer_list>
#include <string_view>

namespace purser::cli::setup {
namespace {

constexpr std::string_view k_system_conf = "/etc/containers/registries.conf";

struct Place {
  const char* variable;
  std::string_view rest; // below what the variable names
};

// Remembers the first complaint, so that its user reads straight through.
class Finder {
public:
  explicit Finder(const Variables& variables) : variables_(variables) {}

  // Below the first variable that is set.
  std::string first(std::initializer_list<Place> places)
  {
    for (const auto& place : places) {
      const auto value = variables_(place.variable);
      if (value.empty()) continue;
      if (!value.starts_with('/'))
        complain(std::string(place.variable) + " is not an absolute path");
      return value + std::string(place.rest);
    }
    complain("HOME is not set");
    return "/";
  }

  [[nodiscard]] const std::string& complaint() const { return complaint_; }

private:
  void complain(std::string what)
  {
    if (complaint_.empty()) complaint_ = std::move(what);
  }

  const Variables& variables_;
  std::string complaint_;
};

} // namespace

std::string environment_variable(const char* name)
{
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

Result<ClientFiles> ClientFiles::of(const Variables& variables)
{
  const auto home = variables("HOME");
  if (is_foreign_home(home.c_str()))
    return Error(Errc::misconfigured,
                 "HOME is " + home + ", which belongs to another user; run this as that user");
  Finder find(variables);
  ClientFiles files;
  files.docker = find.first({{"DOCKER_CONFIG", "/config.json"}, {"HOME", "/.docker/config.json"}});
  files.helm = find.first({{"HELM_REGISTRY_CONFIG", ""},
                           {"HELM_CONFIG_HOME", "/registry/config.json"},
                           {"XDG_CONFIG_HOME", "/helm/registry/config.json"},
                           {"HOME", "/.config/helm/registry/config.json"}});
  files.containers_auth = find.first({{"REGISTRY_AUTH_FILE", ""},
                                      {"XDG_CONFIG_HOME", "/containers/auth.json"},
                                      {"HOME", "/.config/containers/auth.json"}});
  // These three are below HOME whatever XDG_CONFIG_HOME says.
  const auto own_conf = find.first({{"HOME", "/.config/containers/registries.conf"}});
  files.containers_drop_in = own_conf + ".d/90-purser.conf";
  files.bazel = find.first({{"HOME", "/.bazelrc"}});
  files.journal = find.first({{"XDG_STATE_HOME", "/purser/setup/journal.json"},
                              {"HOME", "/.local/state/purser/setup/journal.json"}});
  const auto named = variables("CONTAINERS_REGISTRIES_CONF");
  const bool has_own = named.empty() && ::access(own_conf.c_str(), F_OK) == 0;
  files.containers_conf = !named.empty() ? named : has_own ? own_conf : std::string(k_system_conf);
  if (!has_own) files.conf_folders.push_back(std::string(k_system_conf) + ".d");
  files.conf_folders.push_back(own_conf + ".d");
  if (!find.complaint().empty()) return Error(Errc::misconfigured, find.complaint());
  return files;
}

} // namespace purser::cli::setup
