#include "daemon/providers/aws/chain.hpp"

#include "daemon/providers/aws/sources/source.hpp"

#include <array>

namespace purser::aws {
namespace {

// In the order of the AWS SDKs.
constexpr std::array k_sources{
    sources::rule_profile,     sources::environment_keys, sources::environment_web_identity,
    sources::selected_profile, sources::container,        sources::instance_metadata};

} // namespace

Result<FoundSource> find_source(const ChainInput& input)
{
  for (const auto source : k_sources) {
    auto found = source(input);
    if (!found) return found.error();
    if (*found) return std::move(**found);
  }
  return no_credentials();
}

Error no_credentials()
{
  return Error{Errc::not_configured, "there are no AWS credentials: set AWS_PROFILE, or "
                                     "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"};
}

} // namespace purser::aws
