#include "cli/import/places.hpp"

#include <utility>

namespace purser::cli {
namespace {

using setup::Variables;

// Empty where `folder` is.
std::string below(const std::string& folder, const char* path)
{
  return folder.empty() ? std::string() : folder + path;
}

std::string config_folder(const Variables& variables)
{
  const auto folder = variables("XDG_CONFIG_HOME");
  return folder.empty() ? below(variables("HOME"), "/.config") : folder;
}

std::string helm_file(const Variables& variables)
{
  if (auto file = variables("HELM_REGISTRY_CONFIG"); !file.empty()) return file;
  if (const auto folder = variables("HELM_CONFIG_HOME"); !folder.empty())
    return folder + "/registry/config.json";
  return below(config_folder(variables), "/helm/registry/config.json");
}

} // namespace

std::vector<AuthPlace> auth_places(const Variables& variables)
{
  const auto home = variables("HOME");
  std::vector<AuthPlace> places;
  const auto add = [&places](std::string path, AuthReader reader) {
    if (path.starts_with('/')) places.push_back({std::move(path), reader});
  };
  const auto docker = variables("DOCKER_CONFIG");
  add(below(docker.empty() ? below(home, "/.docker") : docker, "/config.json"), AuthReader::docker);
  add(variables("REGISTRY_AUTH_FILE"), AuthReader::podman);
  add(below(variables("XDG_RUNTIME_DIR"), "/containers/auth.json"), AuthReader::podman);
  add(below(config_folder(variables), "/containers/auth.json"), AuthReader::podman);
  add(helm_file(variables), AuthReader::helm);
  add(below(home, "/.dockercfg"), AuthReader::dockercfg);
  return places;
}

} // namespace purser::cli
