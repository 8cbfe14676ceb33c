#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace purser::helper {

// What a client of docker's credential protocol asks for.
enum class Verb { get, store, erase, list };

inline constexpr std::array<std::pair<std::string_view, Verb>, 4> k_verbs{{
    {"get", Verb::get},
    {"store", Verb::store},
    {"erase", Verb::erase},
    {"list", Verb::list},
}};

[[nodiscard]] constexpr std::string_view to_string(Verb verb)
{
  for (const auto& [name, value] : k_verbs)
    if (value == verb) return name;
  return {};
}

[[nodiscard]] constexpr std::optional<Verb> verb_named(std::string_view asked)
{
  for (const auto& [name, value] : k_verbs)
    if (name == asked) return value;
  return std::nullopt;
}

} // namespace purser::helper
