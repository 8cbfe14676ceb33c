#include "keyring/keyring.hpp"

#include "keyring/time_limit.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

namespace purser::keyring {
namespace {

using namespace std::chrono_literals;

constexpr auto k_reach_limit = 2s;
constexpr auto k_call_limit = 5s;
constexpr auto k_prompt_limit = 60s;
constexpr int k_most_searches = 20; // one fails where somebody removes an item meanwhile

Error unreachable(std::string what)
{
  return with_remedy({Errc::transient, std::move(what) + ": start gnome-keyring or another one, or "
                                                         "set store.kind to \"file\""});
}

Error locked()
{
  return with_remedy({Errc::interaction_required,
                      "the keyring is locked: unlock it (purser store unlock does), or log in to "
                      "the desktop"});
}

// After somebody was asked.
Error still_locked()
{
  return with_remedy({Errc::interaction_required,
                      "the keyring is still locked: the prompt was dismissed, or there is no "
                      "display to show it on; try again on the desktop"});
}

Error hanging(const std::string& doing)
{
  return with_remedy(
      {Errc::timeout, "the Secret Service did not answer in time when asked to " + doing +
                          ": restart it (gnome-keyring-daemon), or set store.kind to \"file\""});
}

bool was_cancelled(const ErrorPtr& error)
{
  return g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_CANCELLED) != FALSE;
}

// From names only: what the service or the bus wrote itself is not passed on.
Error failure(const ErrorPtr& error, const std::string& doing)
{
  const auto of = [&error](GQuark domain, int code) {
    return g_error_matches(error.get(), domain, code) != FALSE;
  };
  if (of(SECRET_ERROR, SECRET_ERROR_IS_LOCKED)) return locked();
  if (was_cancelled(error)) return hanging(doing);
  std::string name = "error";
  if (error) name = g_quark_to_string(error->domain) + (' ' + std::to_string(error->code));
  return with_remedy({Errc::transient, "the Secret Service could not " + doing + " (" + name +
                                           "): see whether it still runs, and try again"});
}

// Whether an item may have been removed meanwhile. gnome-keyring's gone items have no methods.
bool may_be_gone(const ErrorPtr& error)
{
  return g_error_matches(error.get(), SECRET_ERROR, SECRET_ERROR_NO_SUCH_OBJECT) != FALSE ||
         g_error_matches(error.get(), G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) != FALSE ||
         g_error_matches(error.get(), G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD) != FALSE;
}

SchemaPtr docker_schema()
{
  constexpr auto text = SECRET_SCHEMA_ATTRIBUTE_STRING;
  return SchemaPtr(secret_schema_new(Entry::k_schema, SECRET_SCHEMA_NONE, "label", text, "server",
                                     text, "username", text, "docker_cli", text, nullptr));
}

const Entry* newest(const std::vector<Entry>& entries, const RegistryKey& key)
{
  const Entry* best = nullptr;
  for (const Entry& entry : entries)
    if (entry.key() == key && (best == nullptr || entry.modified() > best->modified()))
      best = &entry;
  return best;
}

// Whether it is an entry of `key`, or nobody can tell before it is unlocked.
bool may_be(const Entry& entry, const RegistryKey& key)
{
  return entry.unreadable() || entry.key() == key;
}

} // namespace

Keyring::Keyring(ObjectPtr<SecretService> service, Prompt prompt)
  : schema_(docker_schema()), service_(std::move(service)), prompt_(prompt)
{
}

Result<Keyring> Keyring::open(Prompt prompt)
{
  const TimeLimit limit(k_reach_limit);
  ErrorPtr error;
  const ObjectPtr<GDBusConnection> bus(
      g_bus_get_sync(G_BUS_TYPE_SESSION, limit.cancellable(), Into(error)));
  if (!bus && was_cancelled(error))
    return with_remedy({Errc::timeout, "the session bus does not answer: log in to the desktop "
                                       "again, or set store.kind to \"file\""});
  if (!bus) return unreachable("no session bus can be reached");
  // Else a bus that dies takes us with it before we can say so. libsecret shares the connection.
  g_dbus_connection_set_exit_on_close(bus.get(), FALSE);
  ObjectPtr<SecretService> service(
      secret_service_get_sync(SECRET_SERVICE_OPEN_SESSION, limit.cancellable(), Into(error)));
  if (!service && was_cancelled(error)) return hanging("open a session");
  if (!service) return unreachable("no Secret Service answers on the session bus");
  return Keyring(std::move(service), prompt);
}

Result<Credential> Keyring::get(const RegistryKey& key)
{
  auto found = search();
  if (!found) return found.error();
  const Entry* best = newest(*found, key);
  if (best == nullptr || best->locked()) {
    found = unlocked_entries(key, std::move(*found));
    if (!found) return found.error();
    best = newest(*found, key);
  }
  const Error none(Errc::not_configured, "nothing is stored for this registry");
  if (best == nullptr) return none;
  const TimeLimit limit(k_call_limit);
  ErrorPtr error;
  if (!secret_item_load_secret_sync(best->item(), limit.cancellable(), Into(error)))
    return may_be_gone(error) ? none : failure(error, "hand out a secret");
  ValuePtr secret(secret_item_get_secret(best->item()));
  if (!secret) return none;
  return Credential{best->username(), std::move(secret)};
}

Result<>
Keyring::store(const RegistryKey& key, const std::string& username, std::string_view secret)
{
  auto collection = default_collection();
  if (!collection) return collection.error();
  auto found = search();
  if (!found) return found.error();
  const auto old = unlocked_entries(key, std::move(*found), collection->get());
  if (!old) return old.error();
  const auto written = write(collection->get(), key, username, secret);
  if (!written) return written.error();
  const std::string_view kept = g_dbus_proxy_get_object_path(G_DBUS_PROXY(written->get()));
  for (const Entry& entry : *old) {
    if (entry.path() == kept) continue;
    if (auto removed = remove(entry); !removed) return removed;
  }
  return {};
}

Result<> Keyring::erase(const RegistryKey& key)
{
  auto found = search();
  if (!found) return found.error();
  const auto entries = unlocked_entries(key, std::move(*found));
  if (!entries) return entries.error();
  for (const Entry& entry : *entries)
    if (auto removed = remove(entry); !removed) return removed;
  return {};
}

Result<std::vector<Name>> Keyring::list()
{
  const auto found = search();
  if (!found) return found.error();
  if (std::any_of(found->begin(), found->end(), [](const Entry& e) { return e.unreadable(); }))
    return locked();
  std::map<std::string, const Entry*, std::less<>> by_key;
  for (const Entry& entry : *found)
    if (entry.key()) by_key[std::string(entry.key()->text())] = newest(*found, *entry.key());
  std::vector<Name> names;
  names.reserve(by_key.size());
  for (const auto& [key, entry] : by_key)
    names.push_back({key, entry->username()});
  return names;
}

Result<> Keyring::check()
{
  const auto collection = default_collection();
  if (!collection) return collection.error();
  if (secret_collection_get_locked(collection->get()) != FALSE) return locked();
  return {};
}

Result<Survey> Keyring::survey()
{
  const auto collection = find_default_collection();
  if (!collection) return collection.error();
  const auto found = search();
  if (!found) return found.error();
  Survey survey{Survey::Default::none, !found->empty()};
  if (*collection)
    survey.keyring = secret_collection_get_locked(collection->get()) != FALSE
                         ? Survey::Default::locked
                         : Survey::Default::unlocked;
  return survey;
}

Result<> Keyring::unlock()
{
  const auto collection = default_collection();
  if (!collection) return collection.error();
  const auto found = search();
  if (!found) return found.error();
  ListPtr objects;
  if (secret_collection_get_locked(collection->get()) != FALSE)
    objects.reset(g_list_prepend(objects.release(), collection->get()));
  for (const Entry& entry : *found)
    if (entry.locked()) objects.reset(g_list_prepend(objects.release(), entry.item()));
  if (!objects) return {};
  if (auto asked = ask_to_unlock(objects.get()); !asked) return asked;
  return check() ? Result<>{} : still_locked();
}

Result<Keyring::Entries> Keyring::search()
{
  const TablePtr ours(secret_attributes_build(schema_.get(), "docker_cli", "1", nullptr));
  const TimeLimit limit(k_call_limit);
  ErrorPtr error;
  ListPtr items;
  for (int tries = 0; tries == 0 || (tries < k_most_searches && may_be_gone(error)); ++tries)
    // By the mark and not by the schema, which gnome-keyring does not tell of items that are
    // locked since it started.
    items.reset(secret_service_search_sync(service_.get(), nullptr, ours.get(), SECRET_SEARCH_ALL,
                                           limit.cancellable(), Into(error)));
  Entries entries;
  for (const GList* each = items.get(); each != nullptr; each = each->next) {
    Entry entry{ObjectPtr<SecretItem>(SECRET_ITEM(each->data))};
    if (entry.is_dockers()) entries.push_back(std::move(entry));
  }
  if (error) return failure(error, "search");
  return entries;
}

Result<ObjectPtr<SecretCollection>> Keyring::find_default_collection()
{
  const TimeLimit limit(k_call_limit);
  ErrorPtr error;
  ObjectPtr<SecretCollection> collection(
      secret_collection_for_alias_sync(service_.get(), SECRET_COLLECTION_DEFAULT,
                                       SECRET_COLLECTION_NONE, limit.cancellable(), Into(error)));
  if (error) return failure(error, "show its default keyring");
  return collection;
}

Result<ObjectPtr<SecretCollection>> Keyring::default_collection()
{
  auto collection = find_default_collection();
  if (collection && !*collection)
    return with_remedy({Errc::transient, "the Secret Service has no default keyring: log in to the "
                                         "desktop, or set store.kind to \"file\""});
  return collection;
}

Result<> Keyring::ask_to_unlock(GList* objects)
{
  if (prompt_ == Prompt::never) return locked();
  const TimeLimit limit(k_prompt_limit);
  ErrorPtr error;
  secret_service_unlock_sync(service_.get(), objects, limit.cancellable(), nullptr, Into(error));
  if (was_cancelled(error))
    return with_remedy({Errc::interaction_required, "the keyring is still locked: nobody answered "
                                                    "its prompt within 60 s; try again"});
  if (error) return failure(error, "unlock the keyring");
  return {};
}

Result<Keyring::Entries>
Keyring::unlocked_entries(const RegistryKey& key, Entries found, SecretCollection* collection)
{
  const auto is_locked = [&key](const Entry& e) { return e.locked() && may_be(e, key); };
  ListPtr objects;
  if (collection != nullptr && secret_collection_get_locked(collection) != FALSE)
    objects.reset(g_list_prepend(objects.release(), collection));
  for (const Entry& entry : found)
    if (is_locked(entry)) objects.reset(g_list_prepend(objects.release(), entry.item()));
  if (objects) {
    if (auto done = ask_to_unlock(objects.get()); !done) return done.error();
    auto again = search();
    if (!again) return again;
    found = std::move(*again);
    if (std::any_of(found.begin(), found.end(), is_locked)) return still_locked();
  }
  std::erase_if(found, [&key](const Entry& e) { return e.key() != key; });
  return found;
}

Result<ObjectPtr<SecretItem>> Keyring::write(SecretCollection* collection,
                                             const RegistryKey& key,
                                             const std::string& username,
                                             std::string_view secret)
{
  const std::string server(key.docker_spelling());
  const TablePtr attributes(secret_attributes_build(schema_.get(), "label", "Docker Credentials",
                                                    "server", server.c_str(), "username",
                                                    username.c_str(), "docker_cli", "1", nullptr));
  const ValuePtr value(
      secret_value_new(secret.data(), static_cast<gssize>(secret.size()), "text/plain"));
  const TimeLimit limit(k_call_limit);
  ErrorPtr error;
  // The label is docker's, too. A locked keyring is an error here, never a prompt.
  ObjectPtr<SecretItem> item(secret_item_create_sync(
      collection, schema_.get(), attributes.get(), server.c_str(), value.get(),
      SECRET_ITEM_CREATE_REPLACE, limit.cancellable(), Into(error)));
  if (!item) return failure(error, "store a secret");
  return item;
}

Result<> Keyring::remove(const Entry& entry)
{
  const TimeLimit limit(k_call_limit);
  ErrorPtr error;
  secret_item_delete_sync(entry.item(), limit.cancellable(), Into(error));
  if (!error) return {};
  if (!may_be_gone(error)) return failure(error, "remove an entry");
  const auto left = search();
  if (!left) return left.error();
  const auto same = [&entry](const Entry& e) { return e.path() == entry.path(); };
  if (std::any_of(left->begin(), left->end(), same)) return failure(error, "remove an entry");
  return {};
}

} // namespace purser::keyring
