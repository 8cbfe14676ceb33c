#include "daemon/providers/aws/chain.hpp"

#include "daemon/providers/aws/sources/source.hpp"

#include <array>

namespace purser::aws {
namespace {

// In the order of the AWS SDKs. The metadata of a virtual machine will be the last.
constexpr std::array k_sources{sources::rule_profile, sources::environment_keys,
                               sources::environment_web_identity, sources::selected_profile,
                               sources::container};

} // namespace

Result<FoundKeys> find_keys(const ChainInput& input)
{
  for (const auto source : k_sources) {
    auto found = source(input);
    if (!found) return found.error();
    if (*found) return std::move(**found);
  }
  return Error{Errc::not_configured, "there are no AWS credentials: set AWS_PROFILE, or "
                                     "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"};
}

} // namespace purser::aws
