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

// Errors are those of aws::choose_urls().
[[nodiscard]] Result<EcrEndpoint> choose_endpoint(const Rule& rule,
                                                  const EcrRegistry& registry,
                                                  const Standpoint& standpoint,
                                                  const aws::ProfileSettings& settings);

} // namespace purser::ecr
