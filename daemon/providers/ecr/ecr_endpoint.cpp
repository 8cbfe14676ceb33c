#include "daemon/providers/ecr/ecr_endpoint.hpp"

#include "daemon/providers/aws/configured_endpoint.hpp"

#include <utility>

namespace purser::ecr {
namespace {

const aws::Service& service_of(Api api)
{
  return api == Api::ecr ? aws::k_ecr : aws::k_ecr_public;
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
  const aws::EndpointQuestion question{service_of(registry.api),
                                       registry.region,
                                       {registry.fips, registry.dual_stack},
                                       rule.endpoint};
  auto urls = aws::choose_urls(question, standpoint, settings);
  if (!urls) return urls.error();
  return EcrEndpoint{registry.api, std::move(*urls), registry.region};
}

} // namespace purser::ecr
