#include "cli/export/helper_get.hpp"

#include "cli/programs/credential_helper.hpp"

#include <utility>

namespace purser::cli {

Result<ExportedCredential>
get_through(const std::string& program, const RegistryKey& key, const StopSignals& stop)
{
  const std::string registry(key.docker_spelling());
  const CredentialHelper helper(program, CredentialHelper::Whose::ours, stop.number());
  auto login = helper.get(registry);
  if (!login) return login.error();
  if (!*login)
    return with_remedy({Errc::not_configured, registry +
                                                  ": nobody knows a credential for it; see: "
                                                  "purser doctor " +
                                                  registry});
  return ExportedCredential(key, std::move((*login)->username), std::move((*login)->secret));
}

} // namespace purser::cli
