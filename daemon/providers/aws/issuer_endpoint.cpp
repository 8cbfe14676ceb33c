#include "daemon/providers/aws/issuer_endpoint.hpp"

#include "daemon/providers/aws/configured_endpoint.hpp"
#include "daemon/providers/aws/region.hpp"

#include <optional>
#include <utility>

namespace purser::aws {

Result<Issuer> choose_issuer(const Service& service,
                             const ProfileSettings& settings,
                             const Standpoint& standpoint,
                             const std::string& region_of_registry)
{
  std::string text = region_of_registry;
  if (!settings.region.empty()) {
    text = settings.region;
  } else if (const auto region = standpoint.get("AWS_REGION")) {
    text = *region;
  } else if (const auto older = standpoint.get("AWS_DEFAULT_REGION")) {
    text = *older;
  }
  auto region = parse_region(text);
  if (!region) return region.error();
  auto urls =
      choose_urls(EndpointQuestion{service, region->name, {}, std::nullopt}, standpoint, settings);
  if (!urls) return urls.error();
  return Issuer{std::move(region->name), std::move(*urls)};
}

} // namespace purser::aws
