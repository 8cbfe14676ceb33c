#pragma once

#include "daemon/renewal/event.hpp"
#include "daemon/time/clock.hpp"

#include <spdlog/common.h>

#include <string>
#include <string_view>

namespace purser {

// What is logged of an event in the life of a token: a line each at info. Of failures in a row
// the first is a warning, and each that has another cause, and what ends them; the others are
// for debug. docs/operations.md says what to do about the warnings.
struct LifeLine {
  LifeLine(spdlog::level::level_enum l, std::string t) : level(l), text(std::move(t)) {}

  spdlog::level::level_enum level;
  std::string text;
};

// `who` is whose life it is: a name for people, and no secret.
[[nodiscard]] LifeLine life_line(std::string_view who, const RenewalEvent& event, BootTime now);

} // namespace purser
