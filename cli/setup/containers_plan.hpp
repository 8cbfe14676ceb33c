#pragma once

#include "cli/setup/client_files.hpp"
#include "cli/setup/planned_file.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser::cli::setup {

// A drop-in of registries.conf which makes podman, buildah and skopeo ask purser about every
// registry, after what they asked so far. The files of others are only read
// (docs/decisions/0007-setup.md).
//
// Errors: interaction_required where those files name helpers in a way that we do not read, are
// of the old format, which knows no drop-ins, or are read after ours.
[[nodiscard]] Planned plan_containers_drop_in(const ClientFiles& files);

// Which helpers podman, buildah and skopeo ask about every registry now; nothing where their
// files cannot be understood.
[[nodiscard]] std::optional<std::vector<std::string>> helpers_asked(const ClientFiles& files);

// What a registries.conf says, as far as it concerns us.
struct ContainersConf {
  std::optional<std::vector<std::string>> helpers; // `credential-helpers`; nothing: it has none
  bool understood = true;                          // false: it has, and we cannot read them
  bool old_format = false;                         // version 1: [registries.search] and its like
};

// Understands as much of TOML as it takes to see `credential-helpers` before the first table,
// with an array of plain strings on one line.
[[nodiscard]] ContainersConf read_containers_conf(std::string_view text);

} // namespace purser::cli::setup
