#pragma once

#include "common/result.hpp"
#include "daemon/providers/aws/profiles.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace purser::aws {

// What a profile says about the way to AWS, besides whose keys to use. Empty: nothing.
struct ProfileSettings {
  std::string endpoint_url;                                     // of all services
  std::map<std::string, std::string, std::less<>> service_urls; // in its `services`; by Service::id
  std::string region;
  std::string ca_bundle;
  bool ignore_endpoint_urls = false;
  std::optional<bool> use_fips;
  std::optional<bool> use_dual_stack;
};

// misconfigured where a value is neither true nor false, or names a section that is missing.
[[nodiscard]] Result<ProfileSettings> read_settings(const Profiles& profiles,
                                                    std::string_view profile);

// `true` or `false` in any case; misconfigured otherwise. `name` is for the error.
[[nodiscard]] Result<bool> parse_flag(std::string_view text, std::string_view name);

} // namespace purser::aws
