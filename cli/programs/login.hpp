#pragma once

#include "common/secret.hpp"

#include <string>
#include <utility>

namespace purser::cli {

// A user name and what goes with it. An identity token has the user name `<token>`, as in docker's
// protocol.
struct Login {
  Login(std::string u, Secret s) : username(std::move(u)), secret(std::move(s)) {}

  [[nodiscard]] Login clone() const { return {username, secret.clone()}; }
  friend bool operator==(const Login& a, const Login& b) noexcept
  {
    return a.username == b.username && a.secret == b.secret;
  }

  std::string username;
  Secret secret;
};

} // namespace purser::cli
