#include "daemon/providers/ecr/ecr_endpoint.hpp"

#include "daemon/http/url.hpp"
#include "daemon/providers/aws/endpoint.hpp"

#include <optional>
#include <utility>

namespace purser::ecr {
namespace {

struct Configured {
  std::string url; // empty: none
  std::string by;
};

const aws::Service& service_of(Api api)
{
  return api == Api::ecr ? aws::k_ecr : aws::k_ecr_public;
}

Result<std::optional<bool>> flag(const Standpoint& standpoint, const char* variable)
{
  const auto text = standpoint.get(variable);
  if (!text) return std::optional<bool>{};
  const auto value = aws::parse_flag(*text, variable);
  if (!value) return value.error();
  return std::optional(*value);
}

Configured
configured_url(Api api, const Standpoint& standpoint, const aws::ProfileSettings& settings)
{
  const bool is_public = api == Api::ecr_public;
  for (const char* variable :
       {is_public ? "AWS_ENDPOINT_URL_ECR_PUBLIC" : "AWS_ENDPOINT_URL_ECR", "AWS_ENDPOINT_URL"}) {
    if (const auto url = standpoint.get(variable)) return {std::string(*url), variable};
  }
  const auto& of_service = is_public ? settings.ecr_public_endpoint_url : settings.ecr_endpoint_url;
  if (!of_service.empty()) return {of_service, "endpoint_url of the profile's services"};
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
  return std::string(url->tls ? "https://" : "http://") + url->host_header() + url->target;
}

// What was asked for besides what the registry's name says.
Result<aws::EndpointChoice> chosen_variant(const Standpoint& standpoint,
                                           const aws::ProfileSettings& settings)
{
  const auto fips = flag(standpoint, "AWS_USE_FIPS_ENDPOINT");
  if (!fips) return fips.error();
  const auto dual_stack = flag(standpoint, "AWS_USE_DUALSTACK_ENDPOINT");
  if (!dual_stack) return dual_stack.error();
  return aws::EndpointChoice{fips->value_or(settings.use_fips.value_or(false)),
                             dual_stack->value_or(settings.use_dual_stack.value_or(false))};
}

Result<Configured> find_url(const Rule& rule,
                            Api api,
                            const Standpoint& standpoint,
                            const aws::ProfileSettings& settings)
{
  if (rule.endpoint) return Configured{*rule.endpoint, "the rule's endpoint"};
  const auto ignored = flag(standpoint, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
  if (!ignored) return ignored.error();
  if (ignored->value_or(settings.ignore_endpoint_urls)) return Configured{};
  return configured_url(api, standpoint, settings);
}

} // namespace

std::string_view EcrEndpoint::signing_name() const
{
  return service_of(api).signing_name;
}

Result<EcrEndpoint> choose_endpoint(const Rule& rule,
                                    const EcrRegistry& registry,
                                    const Standpoint& standpoint,
                                    const aws::ProfileSettings& settings)
{
  const auto variant = chosen_variant(standpoint, settings);
  if (!variant) return variant.error();
  const auto configured = find_url(rule, registry.api, standpoint, settings);
  if (!configured) return configured.error();

  EcrEndpoint endpoint{registry.api, {}, registry.region};
  if (configured->url.empty()) {
    endpoint.urls = aws::endpoint_urls(
        service_of(registry.api), registry.region,
        {registry.fips || variant->fips, registry.dual_stack || variant->dual_stack});
    return endpoint;
  }
  if (variant->fips || variant->dual_stack)
    return Error{Errc::misconfigured,
                 configured->by + " cannot be used together with FIPS or dual-stack endpoints: "
                                  "remove one of them"};
  auto url = usable_url(*configured);
  if (!url) return url.error();
  endpoint.urls.push_back(std::move(*url));
  return endpoint;
}

} // namespace purser::ecr
