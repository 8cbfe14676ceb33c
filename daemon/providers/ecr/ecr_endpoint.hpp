#pragma once

#include "common/result.hpp"
#include "daemon/config/rule.hpp"
#include "daemon/providers/aws/profile_settings.hpp"
#include "daemon/providers/ecr/ecr_registry.hpp"
#include "daemon/providers/standpoint.hpp"

#include <string>
#include <vector>

namespace purser::ecr {

// Where to ask for a token, and how to sign the question.
struct EcrEndpoint {
  Api api = Api::ecr;
  std::vector<std::string> urls; // the likeliest first; never empty
  std::string region;

  [[nodiscard]] std::string_view signing_name() const;
};

// In this order: the rule's endpoint; AWS_ENDPOINT_URL_ECR (or _ECR_PUBLIC);
// AWS_ENDPOINT_URL; the profile's `services` section; the profile's `endpoint_url`; AWS's
// own for the registry's kind. AWS_IGNORE_CONFIGURED_ENDPOINT_URLS leaves out all but the
// rule's and AWS's own.
//
// misconfigured for a URL that is not usable, and for FIPS or dual-stack endpoints asked
// for together with a URL, which would go unheeded.
[[nodiscard]] Result<EcrEndpoint> choose_endpoint(const Rule& rule,
                                                  const EcrRegistry& registry,
                                                  const Standpoint& standpoint,
                                                  const aws::ProfileSettings& settings);

} // namespace purser::ecr
