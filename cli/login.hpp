#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <string>

namespace purser::cli {

// What `purser login` was told.
struct LoginWish {
  std::string registry;
  std::string username; // empty: asked for
  std::string scope;    // a right that the login has to have; empty: none in particular
  bool password_stdin = false;
  bool json = false;
};

// `purser login`: a user name and a password, verified at the registry and only then stored. The
// password comes from standard input or is typed, never from the arguments or the environment.
[[nodiscard]] ExitCode log_in(const LoginWish& wish, std::ostream& out, std::ostream& err);

// What the answer of POST /v1/login is for scripts.
[[nodiscard]] ExitCode login_exit_code(const nlohmann::json& answer);

void add_login(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
