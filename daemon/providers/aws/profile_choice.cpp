#include "daemon/providers/aws/profile_choice.hpp"

#include <algorithm>

namespace purser::aws {

std::string ProfileChoice::phrase() const
{
  constexpr std::size_t k_max_shown = 64;
  std::string shown = name.substr(0, k_max_shown);
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~' || c == '"'; }, '?');
  return "profile \"" + shown + "\"";
}

ProfileChoice choose_profile(const std::optional<std::string>& rule_profile,
                             const Standpoint& standpoint)
{
  if (rule_profile) return ProfileChoice(*rule_profile, ProfileChoice::By::rule);
  for (const char* variable : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}) {
    if (const auto name = standpoint.get(variable))
      return ProfileChoice(std::string(*name), ProfileChoice::By::variable);
  }
  return ProfileChoice("default", ProfileChoice::By::nobody);
}

} // namespace purser::aws
