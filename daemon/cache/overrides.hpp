#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/cache/kept_token.hpp"
#include "daemon/providers/token_provider.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/time/clock.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser {

// Credentials that a person stored for registries that we mint for
// (`aws ecr get-login-password | docker login`). They count instead of our own until
// they expire or are erased, and lie sealed in memory.
//
// One counts for the identity that brought it, and for whoever has no source of credentials: of
// these, the last one that was brought. Whoever has another identity is given that one's token.
class Overrides {
public:
  static constexpr std::size_t k_max = 256;
  // For a secret that does not say when it ends.
  static constexpr Duration k_default_life = std::chrono::hours(12);

  Overrides(Clock& clock, const SealingKey& key) : clock_(clock), key_(key) {}

  // The name of an override: its registry `host[:port]`, in a namespace NAMESPACE/registry.
  [[nodiscard]] static std::string name(const std::string& space, std::string_view registry);
  // The name of the one that an identity brought: NAME#DIGEST.
  [[nodiscard]] static std::string bound(const std::string& name, const Identity& identity);

  // The end is read from the secret where it is an ECR
  // password (base64 of a JSON object with `expiration`, in epoch seconds).
  // rejected where that end has passed. It is one change, under all the names or none.
  [[nodiscard]] Result<> put(const std::vector<std::string>& names, const Credential& credential);
  [[nodiscard]] Result<> put(const std::string& name, const Credential& credential)
  {
    return put(std::vector<std::string>{name}, credential);
  }
  [[nodiscard]] std::optional<Credential> find(const std::string& name);
  // When the one that find() gave counts no more.
  [[nodiscard]] std::optional<BootTime> end_of(const std::string& name) const;
  void erase(const std::string& name);
  // All of a namespace; for how many registries there were any.
  std::size_t clear(const std::string& space);
  void clear_all();
  // For how many registries each namespace has any; the one without a name is left out.
  [[nodiscard]] std::map<std::string, std::size_t> spaces() const;

  [[nodiscard]] bool empty() const { return held_.empty(); }

  // `changed` is called after one came or was erased: what is kept elsewhere is old.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }
  // All that have not expired; and back into an object that is new, whose key is the one of that
  // process. What does not open is left out.
  [[nodiscard]] std::vector<KeptOverride> kept() const;
  void restore(std::vector<KeptOverride> overrides);

private:
  struct Sealed {
    std::string username;
    std::string bytes;
    BootTime expires_at;
  };
  void drop_expired();

  Clock& clock_;
  const SealingKey& key_;
  std::map<std::string, Sealed> held_;
  std::function<void()> changed_ = [] {};
};

// When an ECR password ends, in epoch seconds; nothing where it does not say.
// Format: seen in kubernetes/cloud-provider-aws issue 348.
[[nodiscard]] std::optional<long long> ecr_password_expiration(const Secret& password);

} // namespace purser
