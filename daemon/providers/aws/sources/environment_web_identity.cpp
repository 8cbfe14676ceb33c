#include "daemon/providers/aws/sources/source.hpp"

namespace purser::aws::sources {

Found environment_web_identity(const ChainInput& input)
{
  if (!input.standpoint.get("AWS_WEB_IDENTITY_TOKEN_FILE")) return std::optional<FoundKeys>{};
  return not_supported("AWS_WEB_IDENTITY_TOKEN_FILE asks for a web identity");
}

} // namespace purser::aws::sources
