#include "common/ascii.hpp"
#include "daemon/http/url.hpp"
#include "daemon/providers/aws/profile_settings.hpp"
#include "daemon/providers/aws/sources/source.hpp"

namespace purser::aws::sources {
namespace {

constexpr std::string_view k_place = "the EC2 instance";

// The variable; else the property of the profile.
std::optional<std::string_view>
setting(const ChainInput& input, std::string_view variable, std::string_view property)
{
  if (const auto value = input.standpoint.get(variable)) return value;
  const Section* section = input.profiles.profile(input.choice.name);
  return section == nullptr ? std::nullopt : find_property(*section, property);
}

Result<std::string> url_of_mode(std::string_view mode)
{
  if (equal_ignoring_case(mode, "IPv4")) return std::string("http://169.254.169.254");
  if (equal_ignoring_case(mode, "IPv6")) return std::string("http://[fd00:ec2::254]");
  return Error{Errc::misconfigured,
               "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither IPv4 nor IPv6: correct it"};
}

Result<std::string> find_url(const ChainInput& input)
{
  const auto named =
      setting(input, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
  if (!named)
    return url_of_mode(setting(input, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                               "ec2_metadata_service_endpoint_mode")
                           .value_or("IPv4"));
  const auto url = parse_url(*named);
  if (!url)
    return Error{Errc::misconfigured,
                 "AWS_EC2_METADATA_SERVICE_ENDPOINT: " + url.error().what + ": correct it"};
  std::string text(*named);
  if (text.ends_with('/')) text.pop_back();
  return text;
}

Result<bool> is_disabled(const ChainInput& input)
{
  constexpr std::string_view k_variable = "AWS_EC2_METADATA_DISABLED";
  const auto text = input.standpoint.get(k_variable);
  return text ? parse_flag(*text, k_variable) : false;
}

} // namespace

Found named_instance_metadata(const ChainInput& input)
{
  const auto disabled = is_disabled(input);
  if (!disabled) return disabled.error();
  if (*disabled) return nothing(input, "AWS_EC2_METADATA_DISABLED is set");
  auto url = find_url(input);
  if (!url) return url.error();
  return std::optional(
      FoundSource(InstanceMetadata{std::move(*url)}, std::string(k_place), std::nullopt));
}

Found instance_metadata(const ChainInput& input)
{
  const bool named = input.standpoint.get("AWS_EC2_METADATA_SERVICE_ENDPOINT").has_value();
  if (input.machine_counts || named) return named_instance_metadata(input);
  return nothing(input, "not asked where anonymous use is right and "
                        "AWS_EC2_METADATA_SERVICE_ENDPOINT is not set");
}

} // namespace purser::aws::sources
