#include "daemon/providers/aws/chain.hpp"

#include "daemon/providers/aws/origin_phrase.hpp"
#include "daemon/providers/aws/sources/source.hpp"

#include <array>
#include <utility>

namespace purser::aws {
namespace {

struct Source {
  std::string_view name; // for people
  sources::Found (*find)(const ChainInput& input);
};

// In the order of the AWS SDKs.
constexpr std::array k_sources{
    Source{"the rule's profile", sources::rule_profile},
    Source{"keys in the environment", sources::environment_keys},
    Source{"web identity in the environment", sources::environment_web_identity},
    Source{"the shared files", sources::selected_profile},
    Source{"the container's endpoint", sources::container},
    Source{"EC2's metadata service", sources::instance_metadata},
};

void tell_used(ChainTrace& trace, std::string_view name, const FoundSource& found)
{
  trace.steps.push_back({name, ChainStep::Outcome::used, origin_phrase(found.origin, found.place)});
}

// What came of `asked`, and that the rest is not asked once one has answered.
void tell(ChainTrace& trace, const Source* asked, const sources::Found& found)
{
  using Outcome = ChainStep::Outcome;
  if (found && !*found) {
    trace.steps.push_back({asked->name, Outcome::absent, std::move(trace.absent_because)});
    return;
  }
  if (found)
    tell_used(trace, asked->name, **found);
  else
    trace.steps.push_back({asked->name, Outcome::failed, found.error().what});
  for (const Source* rest = asked + 1; rest != k_sources.data() + k_sources.size(); ++rest)
    trace.steps.push_back({rest->name, Outcome::not_asked, {}});
}

} // namespace

Result<FoundSource> find_source(const ChainInput& input)
{
  for (const Source& source : k_sources) {
    auto found = source.find(input);
    if (input.trace != nullptr) tell(*input.trace, &source, found);
    if (!found) return found.error();
    if (*found) return std::move(**found);
  }
  return no_credentials();
}

void tell(ChainTrace& trace, std::string_view name, const Result<FoundSource>& found)
{
  if (found)
    tell_used(trace, name, *found);
  else
    trace.steps.push_back({name, ChainStep::Outcome::failed, found.error().what});
}

Error no_credentials()
{
  return Error{Errc::not_configured, "there are no AWS credentials: set AWS_PROFILE, or "
                                     "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"};
}

} // namespace purser::aws
