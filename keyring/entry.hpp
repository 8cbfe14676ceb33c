#pragma once

#include "common/registry_key.hpp"
#include "keyring/glib.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace purser::keyring {

// An item of the Secret Service with docker's mark on it, as it was when it was searched.
class Entry {
public:
  // docker/docker-credential-helpers, secretservice/secretservice.c.
  static constexpr const char* k_schema = "io.docker.Credentials";

  explicit Entry(ObjectPtr<SecretItem> item);

  [[nodiscard]] SecretItem* item() const { return item_.get(); }
  // What the Secret Service calls it: no two items have the same.
  [[nodiscard]] std::string_view path() const;
  [[nodiscard]] bool locked() const { return secret_item_get_locked(item_.get()) != FALSE; }
  // Seconds since 1970.
  [[nodiscard]] std::uint64_t modified() const { return secret_item_get_modified(item_.get()); }
  // gnome-keyring knows only hashes of the attributes as long as nobody has unlocked the
  // keyring since it started.
  [[nodiscard]] bool unreadable() const { return locked() && !server_; }
  // Whether docker's programs wrote it, as far as one can tell.
  [[nodiscard]] bool is_dockers() const { return dockers_schema_ || unreadable(); }
  // Nothing where the server is no registry.
  [[nodiscard]] const std::optional<RegistryKey>& key() const { return key_; }
  [[nodiscard]] const std::string& username() const { return username_; }

private:
  ObjectPtr<SecretItem> item_;
  std::optional<std::string> server_;
  std::optional<RegistryKey> key_;
  std::string username_;
  bool dockers_schema_ = false;
};

} // namespace purser::keyring
