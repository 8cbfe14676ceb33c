#pragma once

#include "cli/setup/planned_file.hpp"
#include "common/registry_key.hpp"

#include <string>
#include <vector>

namespace purser::cli::setup {

// Lines of a .bazelrc with which bazel asks `helper` about Amazon ECR and `registries`.
[[nodiscard]] Planned plan_bazel(const std::string& path,
                                 const std::string& helper,
                                 const std::vector<RegistryKey>& registries);

// A new CredentialProviderConfig of the kubelet. Error (interaction_required): there is one.
[[nodiscard]] Planned plan_kubelet(const std::string& path,
                                   const std::vector<RegistryKey>& registries);

} // namespace purser::cli::setup
