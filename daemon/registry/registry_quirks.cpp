#include "daemon/registry/registry_quirks.hpp"

#include <algorithm>
#include <array>

namespace purser {
namespace {

// One star at most stands for any text.
constexpr bool matches(std::string_view pattern, std::string_view text)
{
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern.empty() || pattern == text;
  const auto head = pattern.substr(0, star);
  const auto tail = pattern.substr(star + 1);
  return text.size() >= head.size() + tail.size() && text.starts_with(head) && text.ends_with(tail);
}

constexpr RegistryQuirks k_none;

constexpr std::array k_table{
    RegistryQuirks{.name = "Docker Hub", .host = "docker.io", .realm_host = "auth.docker.io"},
    RegistryQuirks{.name = "Docker Hub", .host = "*.docker.io", .realm_host = "auth.docker.io"},
    RegistryQuirks{
        .name = "Docker Hub", .host = "registry.hub.docker.com", .realm_host = "auth.docker.io"},
    RegistryQuirks{.name = "Quay", .host = "quay.io", .catalog = false},
    RegistryQuirks{.name = "GitLab", .host = "registry.gitlab.com", .realm_host = "gitlab.com"},
    RegistryQuirks{
        .name = "Azure Container Registry", .host = "*.azurecr.io", .password_post = false},
    RegistryQuirks{
        .name = "Azure Container Registry", .host = "*.azurecr.cn", .password_post = false},
    RegistryQuirks{
        .name = "Azure Container Registry", .host = "*.azurecr.us", .password_post = false},
    RegistryQuirks{
        .name = "Google Artifact Registry", .host = "*-docker.pkg.dev", .password_post = false},
    RegistryQuirks{.name = "Google Container Registry", .host = "gcr.io", .password_post = false},
    RegistryQuirks{.name = "Google Container Registry", .host = "*.gcr.io", .password_post = false},
    RegistryQuirks{.name = "ECR Public", .host = "public.ecr.aws", .expired_status = 400},
    RegistryQuirks{.name = "NVIDIA NGC", .host = "nvcr.io", .realm_host = "authn.nvidia.com"},
    RegistryQuirks{.name = "JFrog Artifactory",
                   .realm_path = "/artifactory/api/docker/*",
                   .password_post = false},
};

} // namespace

const RegistryQuirks& registry_quirks(std::string_view registry, std::string_view realm_path)
{
  const auto* const found =
      std::find_if(k_table.begin(), k_table.end(), [=](const RegistryQuirks& line) {
        return matches(line.host, registry) && matches(line.realm_path, realm_path);
      });
  return found == k_table.end() ? k_none : *found;
}

} // namespace purser
