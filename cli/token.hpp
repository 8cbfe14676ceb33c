#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"

#include <ostream>
#include <string>
#include <vector>

namespace purser::cli {

// What `purser token` was told.
struct TokenWish {
  enum class Form {
    token,  // it alone
    header, // `Authorization: Bearer ...`, as curl reads it from a file
    json,   // the daemon's answer as it is
  };

  std::string target;              // REGISTRY/REPOSITORY[:ACTIONS], or REGISTRY
  std::vector<std::string> scopes; // besides that
  bool anonymous = false;
  Form form = Form::token;
};

// `purser token`: a token for a registry on standard output, and nothing else there. Starts a
// daemon where none runs. A registry that takes user name and password has a header only; one
// that asks nobody has nothing, which is a success with an empty output.
[[nodiscard]] ExitCode show_token(const TokenWish& wish, std::ostream& out, std::ostream& err);

void add_token(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
