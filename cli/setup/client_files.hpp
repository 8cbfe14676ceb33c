#pragma once

#include "common/result.hpp"

#include <functional>
#include <string>
#include <vector>

namespace purser::cli::setup {

// A variable of the environment; empty where it is not set.
using Variables = std::function<std::string(const char*)>;
// Of this process.
[[nodiscard]] std::string environment_variable(const char* name);

// Where the clients of this user keep their configuration, and setup its journal; all absolute.
// Sources: docker/cli, cli/config/config.go; helm, pkg/helmpath; containers/image,
// pkg/docker/config/config.go and docs/containers-registries.conf.d.5.md; bazel, .bazelrc.
struct ClientFiles {
  std::string docker;                    // config.json
  std::string helm;                      // its own config.json
  std::string containers_auth;           // the auth.json that outlives the session
  std::string containers_drop_in;        // of ours, in registries.conf.d
  std::string containers_conf;           // the registries.conf that counts; may not be there
  std::vector<std::string> conf_folders; // drop-ins beside ours, in the order of reading
  std::string bazel;                     // .bazelrc
  std::string journal;

  // Errors (misconfigured): HOME is not set, or a variable that counts is no absolute path.
  [[nodiscard]] static Result<ClientFiles> of(const Variables& variables);
};

} // namespace purser::cli::setup
