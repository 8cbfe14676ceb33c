#include "daemon/providers/aws/endpoint.hpp"

#include "daemon/providers/aws/region.hpp"

namespace purser::aws {
namespace {

std::string url(std::string_view service, std::string_view region, std::string_view suffix)
{
  std::string text = "https://";
  text.append(service).append(".").append(region).append(".").append(suffix).append("/");
  return text;
}

} // namespace

std::vector<std::string>
endpoint_urls(const Service& service, std::string_view region, EndpointChoice choice)
{
  const AwsPartition& partition = partition_of(region);
  if (choice.dual_stack) {
    const auto name = choice.fips ? service.fips_dual_stack : service.dual_stack;
    return {url(name, region, partition.dual_stack_suffix)};
  }
  if (!choice.fips) {
    for (const auto& hosts : service.own_hosts)
      if (hosts.partition == partition.name)
        return {"https://" + std::string(region) + "." + std::string(hosts.suffix) + "/"};
  }
  if (!choice.fips) return {url(service.normal, region, partition.dns_suffix)};
  std::vector<std::string> urls{url(service.fips, region, partition.dns_suffix)};
  if (!service.older_fips.empty())
    urls.push_back(url(service.older_fips, region, partition.dns_suffix));
  return urls;
}

} // namespace purser::aws
