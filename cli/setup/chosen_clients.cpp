#include "cli/setup/chosen_clients.hpp"

#include "daemon/config/config.hpp"
#include "daemon/config/config_file.hpp"
#include "daemon/config/small_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

namespace purser::cli::setup {
namespace {

constexpr std::size_t k_max_size = std::size_t{1} << 20;

struct Client {
  std::string_view name;
  std::string_view configuration;
};

constexpr std::array k_clients{
    Client{"docker", "docker"}, Client{"compose", "docker"}, Client{"buildx", "docker"},
    Client{"crane", "docker"},  Client{"ko", "docker"},      Client{"oras", "docker"},
    Client{"cosign", "docker"}, Client{"regctl", "docker"},  Client{"helm", "helm"},
    Client{"podman", "podman"}, Client{"skopeo", "podman"},  Client{"buildah", "podman"},
    Client{"bazel", "bazel"},   Client{"kubelet", "kubelet"}};

std::string_view variable(const char* name)
{
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

} // namespace

std::string_view configuration_of(std::string_view client)
{
  for (const auto& each : k_clients)
    if (each.name == client) return each.configuration;
  return {};
}

std::string known_clients()
{
  std::string names;
  for (const auto& each : k_clients)
    names += (names.empty() ? "" : ", ") + std::string(each.name);
  return names;
}

std::vector<std::string> installed_clients(std::string_view path)
{
  std::vector<std::string> chosen{"docker"};
  for (const auto& each : k_clients) {
    const bool asked_for_only = each.configuration == "bazel" || each.configuration == "kubelet";
    const std::string configuration(each.configuration);
    const bool chosen_already =
        std::find(chosen.begin(), chosen.end(), configuration) != chosen.end();
    if (!asked_for_only && !chosen_already && !program_on(path, each.name).empty())
      chosen.push_back(configuration);
  }
  return chosen;
}

std::string program_on(std::string_view path, std::string_view name)
{
  while (!path.empty()) {
    const auto colon = std::min(path.find(':'), path.size());
    auto program = std::string(path.substr(0, colon)) + "/" + std::string(name);
    path.remove_prefix(std::min(colon + 1, path.size()));
    if (program.starts_with('/') && ::access(program.c_str(), X_OK) == 0) return program;
  }
  return {};
}

Result<std::vector<RegistryKey>> configured_registries()
{
  const auto path =
      find_config_path({variable("PURSER_CONFIG"), variable("XDG_CONFIG_HOME"), variable("HOME")});
  if (!path) return path.error();
  std::vector<RegistryKey> registries;
  const auto text = read_own_file(*path, k_max_size);
  if (!text) return text.error();
  if (!*text) return registries;
  const auto config = parse_config(**text);
  if (!config) return Error(config.error().code, *path + ": " + config.error().what);
  for (const auto& rule : config->registries) {
    const auto registry = rule.match.substr(0, rule.match.find('/'));
    if (registry.find('*') != std::string::npos) continue;
    const auto key = RegistryKey::parse(registry);
    if (key && std::find(registries.begin(), registries.end(), *key) == registries.end())
      registries.push_back(*key);
  }
  return registries;
}

} // namespace purser::cli::setup
