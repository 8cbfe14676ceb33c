#include "daemon/providers/aws/sources/source.hpp"

namespace purser::aws::sources {

Found container(const ChainInput& input)
{
  for (const char* variable :
       {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"}) {
    if (input.standpoint.get(variable))
      return not_supported(std::string(variable) + " asks for a container's credentials");
  }
  return std::optional<FoundKeys>{};
}

} // namespace purser::aws::sources
