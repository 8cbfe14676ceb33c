#pragma once

#include "cli/import/auth_file.hpp"
#include "cli/setup/client_files.hpp"

#include <string>
#include <vector>

namespace purser::cli {

struct AuthPlace {
  std::string path;
  AuthReader reader;
};

// Where clients of this user keep credentials, in the order in which they look there, whether
// there is anything or not. A relative path is none. Sources: docker/cli, cli/config/config.go;
// containers/image, pkg/docker/config/config.go; helm, pkg/helmpath.
[[nodiscard]] std::vector<AuthPlace> auth_places(const setup::Variables& variables);

} // namespace purser::cli
