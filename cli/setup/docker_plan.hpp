#pragma once

#include "cli/setup/planned_file.hpp"
#include "common/registry_key.hpp"

#include <string>
#include <vector>

namespace purser::cli::setup {

// Which of the files with docker's format this is: who reads it knows what.
enum class DockerDialect {
  docker,     // credsStore, and Docker Hub under its address
  containers, // podman and its kin: no credsStore, and Docker Hub as docker.io
};

// A file in the format of docker's config.json, so that purser is asked: as `credsStore` where
// that is known, and by an entry in `credHelpers` for each of `registries`. Entries that name
// another helper are replaced for these and for Amazon ECR; all others stay, and `auths` too.
// Where there is no file and nothing to say, none is made.
[[nodiscard]] Planned plan_docker_file(const std::string& client,
                                       const std::string& path,
                                       DockerDialect dialect,
                                       const std::vector<RegistryKey>& registries);

} // namespace purser::cli::setup
