#pragma once

#include "common/result.hpp"
#include "daemon/providers/aws/endpoint.hpp"
#include "daemon/providers/aws/profile_settings.hpp"
#include "daemon/providers/standpoint.hpp"

#include <optional>
#include <string>
#include <vector>

namespace purser::aws {

// A service in a region, before anybody's settings are looked at.
struct EndpointQuestion {
  const Service& service;
  std::string region;
  EndpointChoice variant; // what the registry's name asks for
  std::optional<std::string> url_of_rule;
};

// The URLs to try, the likeliest first, never none. In this order: the rule's;
// AWS_ENDPOINT_URL_<service>; AWS_ENDPOINT_URL; the profile's `services` section; the
// profile's `endpoint_url`; AWS's own. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS leaves out all
// but the rule's and AWS's own.
//
// misconfigured for a URL that is not usable, and for FIPS or dual-stack endpoints asked
// for together with a URL, which would go unheeded.
[[nodiscard]] Result<std::vector<std::string>> choose_urls(const EndpointQuestion& question,
                                                           const Standpoint& standpoint,
                                                           const ProfileSettings& settings);

} // namespace purser::aws
