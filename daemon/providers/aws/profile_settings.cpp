#include "daemon/providers/aws/profile_settings.hpp"

#include "common/ascii.hpp"

#include <algorithm>

namespace purser::aws {
namespace {

std::string text_of(const Section& section, std::string_view name)
{
  return std::string(find_property(section, name).value_or(""));
}

Result<std::optional<bool>> flag_of(const Section& section, std::string_view name)
{
  const auto text = find_property(section, name);
  if (!text) return std::optional<bool>{};
  const auto flag = parse_flag(*text, name);
  if (!flag) return flag.error();
  return std::optional(*flag);
}

std::string upper(std::string_view text)
{
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), ascii_upper);
  return result;
}

// `endpoint_url` of each service, in a section of services.
std::map<std::string, std::string, std::less<>> urls_of(const Section& services)
{
  std::map<std::string, std::string, std::less<>> urls;
  for (const auto& [service, properties] : services.nested) {
    const auto url = properties.find("endpoint_url");
    if (url != properties.end() && !url->second.reveal().empty())
      urls.emplace(upper(service), url->second.reveal());
  }
  return urls;
}

} // namespace

Result<bool> parse_flag(std::string_view text, std::string_view name)
{
  if (equal_ignoring_case(text, "true")) return true;
  if (equal_ignoring_case(text, "false")) return false;
  return Error{Errc::misconfigured, std::string(name) + " is neither true nor false: correct it"};
}

Result<ProfileSettings> read_settings(const Profiles& profiles, std::string_view profile)
{
  ProfileSettings settings;
  const Section* section = profiles.profile(profile);
  if (section == nullptr) return settings;

  settings.endpoint_url = text_of(*section, "endpoint_url");
  settings.region = text_of(*section, "region");
  settings.ca_bundle = text_of(*section, "ca_bundle");
  const auto ignore = flag_of(*section, "ignore_configured_endpoint_urls");
  if (!ignore) return ignore.error();
  settings.ignore_endpoint_urls = ignore->value_or(false);
  const auto fips = flag_of(*section, "use_fips_endpoint");
  if (!fips) return fips.error();
  settings.use_fips = *fips;
  const auto dual_stack = flag_of(*section, "use_dualstack_endpoint");
  if (!dual_stack) return dual_stack.error();
  settings.use_dual_stack = *dual_stack;

  const auto name = find_property(*section, "services");
  if (!name) return settings;
  const Section* services = profiles.services(*name);
  if (services == nullptr)
    return Error{Errc::misconfigured,
                 "a profile names a section of services that is not there: correct it"};
  settings.service_urls = urls_of(*services);
  return settings;
}

} // namespace purser::aws
