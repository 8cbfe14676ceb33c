#include "cli/import/stored_logins.hpp"

#include <utility>

namespace purser::cli {

Result<StoredLogins> StoredLogins::read(const CredentialHelper& helper)
{
  const auto names = helper.list();
  if (!names) return names.error();
  std::set<std::string> keys;
  for (const auto& [name, username] : *names)
    if (const auto key = RegistryKey::parse(name)) keys.emplace(key->text());
  return StoredLogins(helper, std::move(keys));
}

Result<std::optional<Login>> StoredLogins::find(const RegistryKey& key) const
{
  const bool listed = keys_.contains(std::string(key.text()));
  if (!listed && !key.repository().empty()) return std::optional<Login>();
  return helper_.get(key.text());
}

} // namespace purser::cli
