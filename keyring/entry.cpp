#include "keyring/entry.hpp"

#include <utility>

namespace purser::keyring {
namespace {

std::optional<std::string> attribute(GHashTable* attributes, const char* name)
{
  const auto* text = static_cast<const char*>(g_hash_table_lookup(attributes, name));
  return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

} // namespace

Entry::Entry(ObjectPtr<SecretItem> item) : item_(std::move(item))
{
  const TablePtr attributes(secret_item_get_attributes(item_.get()));
  if (!attributes) return;
  server_ = attribute(attributes.get(), "server");
  if (server_) key_ = RegistryKey::parse(*server_);
  dockers_schema_ = attribute(attributes.get(), "xdg:schema") == k_schema;
  username_ = attribute(attributes.get(), "username").value_or("");
}

std::string_view Entry::path() const
{
  return g_dbus_proxy_get_object_path(G_DBUS_PROXY(item_.get()));
}

} // namespace purser::keyring
