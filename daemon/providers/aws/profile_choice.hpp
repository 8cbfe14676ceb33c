#pragma once

#include "daemon/providers/standpoint.hpp"

#include <optional>
#include <string>
#include <utility>

namespace purser::aws {

// Which profile a request means, and who said so.
struct ProfileChoice {
  enum class By { rule, variable, nobody };

  ProfileChoice(std::string n, By b) : name(std::move(n)), by(b) {}

  std::string name;
  By by;

  // `profile "prod"`: for errors, in printable ASCII.
  [[nodiscard]] std::string phrase() const;
};

// The rule's; else AWS_PROFILE, AWS_DEFAULT_PROFILE; else `default`.
[[nodiscard]] ProfileChoice choose_profile(const std::optional<std::string>& rule_profile,
                                           const Standpoint& standpoint);

} // namespace purser::aws
