#include "daemon/server/asked_namespace.hpp"

#include "common/namespace_name.hpp"

namespace purser {

Error no_namespace()
{
  return with_remedy({Errc::bad_request, std::string(k_namespace_variable) +
                                             " names no namespace: it takes " +
                                             std::string(k_namespace_form) +
                                             "; unset it to use what is stored without one"});
}

Result<std::string> asked_namespace(const Asker& asker)
{
  if (!asker.env.is_set(k_namespace_variable)) return std::string();
  const auto name = asker.env.get(k_namespace_variable);
  if (!name || !is_namespace(*name)) return no_namespace();
  return std::string(*name);
}

} // namespace purser
