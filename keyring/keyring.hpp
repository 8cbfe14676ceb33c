#pragma once

#include "common/registry_key.hpp"
#include "common/result.hpp"
#include "keyring/entry.hpp"
#include "keyring/glib.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace purser::keyring {

struct Credential {
  std::string username;
  ValuePtr secret;
};

struct Name {
  std::string key; // RegistryKey::text()
  std::string username;
};

// Of the whole service.
struct Survey {
  enum class Default { none, locked, unlocked };

  Default keyring;  // where store() writes
  bool has_entries; // of docker's programs, in any keyring
};

// The credentials that docker's programs keep in the desktop's Secret Service.
//
// The entries are those of docker-credential-secretservice (docker/docker-credential-helpers,
// secretservice/secretservice.c): the same schema, attributes and label, so that either program
// reads, replaces and removes what the other wrote. A key is looked for under every spelling.
//
// All of it blocks, each call for a limited time. Errors are those of `Errc`:
// interaction_required where something is locked and stays so, transient where the Secret
// Service cannot be reached or dies, timeout where it hangs.
class Keyring {
public:
  enum class Prompt { never, when_locked };

  // Reaches the service and opens a session with it.
  [[nodiscard]] static Result<Keyring> open(Prompt prompt);

  // not_configured where there is none; of several, the one that was written last.
  [[nodiscard]] Result<Credential> get(const RegistryKey& key);
  // Afterwards it is the only entry of `key`. Old ones are removed once it is written.
  [[nodiscard]] Result<>
  store(const RegistryKey& key, const std::string& username, std::string_view secret);
  // Every entry of `key`; that there is none is a success.
  [[nodiscard]] Result<> erase(const RegistryKey& key);
  // By key, each once. Loads no secret and unlocks nothing.
  [[nodiscard]] Result<std::vector<Name>> list();
  // Whether the default keyring, where store() writes, is there and unlocked.
  [[nodiscard]] Result<> check();
  // What can be said without unlocking anything.
  [[nodiscard]] Result<Survey> survey();
  // Asks the person to unlock the default keyring and what holds docker's entries; nothing is
  // asked where they are unlocked.
  [[nodiscard]] Result<> unlock();

private:
  using Entries = std::vector<Entry>;

  Keyring(ObjectPtr<SecretService> service, Prompt prompt);

  [[nodiscard]] Result<Entries> search();
  // Null where there is none.
  [[nodiscard]] Result<ObjectPtr<SecretCollection>> find_default_collection();
  [[nodiscard]] Result<ObjectPtr<SecretCollection>> default_collection();
  // Asks the person, where that is allowed.
  [[nodiscard]] Result<> ask_to_unlock(GList* objects);
  // The entries of `key`, none of them locked. Unlocks `collection` as well, where given.
  [[nodiscard]] Result<Entries>
  unlocked_entries(const RegistryKey& key, Entries found, SecretCollection* collection = nullptr);
  [[nodiscard]] Result<ObjectPtr<SecretItem>> write(SecretCollection* collection,
                                                    const RegistryKey& key,
                                                    const std::string& username,
                                                    std::string_view secret);
  [[nodiscard]] Result<> remove(const Entry& entry);

  SchemaPtr schema_;
  ObjectPtr<SecretService> service_;
  Prompt prompt_;
};

} // namespace purser::keyring
