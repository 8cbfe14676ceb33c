#include "daemon/providers/aws/configured_endpoint.hpp"

#include "daemon/http/url.hpp"

#include <utility>

namespace purser::aws {
namespace {

struct Configured {
  std::string url; // empty: none
  std::string by;
};

Result<std::optional<bool>> flag(const Standpoint& standpoint, const char* variable)
{
  const auto text = standpoint.get(variable);
  if (!text) return std::optional<bool>{};
  const auto value = parse_flag(*text, variable);
  if (!value) return value.error();
  return std::optional(*value);
}

Configured configured_url(const Service& service,
                          const Standpoint& standpoint,
                          const ProfileSettings& settings)
{
  constexpr std::string_view k_of_all = "AWS_ENDPOINT_URL";
  const std::string of_service = std::string(k_of_all) + "_" + std::string(service.id);
  for (const std::string_view variable : {std::string_view(of_service), k_of_all}) {
    if (const auto url = standpoint.get(variable))
      return {std::string(*url), std::string(variable)};
  }
  const auto found = settings.service_urls.find(service.id);
  if (found != settings.service_urls.end())
    return {found->second, "endpoint_url of the profile's services"};
  return {settings.endpoint_url, "endpoint_url of the profile"};
}

// With a slash at the end of its path, and nothing after the path.
Result<std::string> usable_url(const Configured& configured)
{
  const auto url = parse_url(configured.url);
  if (!url)
    return Error{Errc::misconfigured, configured.by + ": " + url.error().what + ": correct it"};
  if (url->target.find('?') != std::string::npos)
    return Error{Errc::misconfigured, configured.by + " has a query: remove it"};
  if (!url->tls && !url->is_loopback()) // the answer holds a token, or keys
    return Error{Errc::misconfigured, configured.by + " is http://, which everybody on the way can "
                                                      "read: use https:// (http:// is for this "
                                                      "machine only)"};
  return std::string(url->tls ? "https://" : "http://") + url->host_header() + url->target;
}

// What was asked for besides what the registry's name says.
Result<EndpointChoice> chosen_variant(const Standpoint& standpoint, const ProfileSettings& settings)
{
  const auto fips = flag(standpoint, "AWS_USE_FIPS_ENDPOINT");
  if (!fips) return fips.error();
  const auto dual_stack = flag(standpoint, "AWS_USE_DUALSTACK_ENDPOINT");
  if (!dual_stack) return dual_stack.error();
  return EndpointChoice{fips->value_or(settings.use_fips.value_or(false)),
                        dual_stack->value_or(settings.use_dual_stack.value_or(false))};
}

Result<Configured> find_url(const EndpointQuestion& question,
                            const Standpoint& standpoint,
                            const ProfileSettings& settings)
{
  if (question.url_of_rule) return Configured{*question.url_of_rule, "the rule's endpoint"};
  const auto ignored = flag(standpoint, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
  if (!ignored) return ignored.error();
  if (ignored->value_or(settings.ignore_endpoint_urls)) return Configured{};
  return configured_url(question.service, standpoint, settings);
}

} // namespace

Result<std::vector<std::string>> choose_urls(const EndpointQuestion& question,
                                             const Standpoint& standpoint,
                                             const ProfileSettings& settings)
{
  const auto variant = chosen_variant(standpoint, settings);
  if (!variant) return variant.error();
  const auto configured = find_url(question, standpoint, settings);
  if (!configured) return configured.error();
  if (configured->url.empty())
    return endpoint_urls(question.service, question.region,
                         {question.variant.fips || variant->fips,
                          question.variant.dual_stack || variant->dual_stack});
  if (variant->fips || variant->dual_stack)
    return Error{Errc::misconfigured,
                 configured->by + " cannot be used together with FIPS or dual-stack endpoints: "
                                  "remove one of them"};
  auto url = usable_url(*configured);
  if (!url) return url.error();
  return std::vector<std::string>{std::move(*url)};
}

} // namespace purser::aws
