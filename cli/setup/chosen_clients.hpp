#pragma once

#include "common/registry_key.hpp"
#include "common/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace purser::cli::setup {

// The configuration that serves a client: "docker" for crane, say. Empty where nobody knows it.
[[nodiscard]] std::string_view configuration_of(std::string_view client);

// Names of clients that setup knows, for people.
[[nodiscard]] std::string known_clients();

// "docker", and those of helm and podman's kin that are on `path`, which is PATH. bazel and the
// kubelet are never chosen unasked.
[[nodiscard]] std::vector<std::string> installed_clients(std::string_view path);

// The first executable `name` on `path`; empty where there is none.
[[nodiscard]] std::string program_on(std::string_view path, std::string_view name);

// The registries that rules of purser's configuration name without `*`: clients know no
// wildcards. Errors: those of the configuration.
[[nodiscard]] Result<std::vector<RegistryKey>> configured_registries();

} // namespace purser::cli::setup
