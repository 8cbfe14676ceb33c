#pragma once

#include "common/result.hpp"
#include "daemon/providers/aws/aws_source.hpp"
#include "daemon/providers/aws/endpoint.hpp"
#include "daemon/providers/aws/profile_settings.hpp"
#include "daemon/providers/standpoint.hpp"

#include <string>

namespace purser::aws {

// Where a service that issues keys is asked: in the region of the profile; else in the asker's;
// else in that of the registry. Errors are those of parse_region() and choose_urls().
[[nodiscard]] Result<Issuer> choose_issuer(const Service& service,
                                           const ProfileSettings& settings,
                                           const Standpoint& standpoint,
                                           const std::string& region_of_registry);

} // namespace purser::aws
