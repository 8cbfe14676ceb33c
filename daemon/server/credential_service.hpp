#pragma once

#include "common/registry_key.hpp"
#include "common/result.hpp"
#include "daemon/cache/overrides.hpp"
#include "daemon/cache/token_cache.hpp"
#include "daemon/observe/audit.hpp"
#include "daemon/providers/inquiry.hpp"
#include "daemon/providers/table.hpp"
#include "daemon/server/key_lock.hpp"
#include "daemon/server/settings.hpp"
#include "daemon/store/credential_store.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser {

// What a refresh came to.
struct Refreshed {
  bool renewable = true;            // false: a credential is handed out as somebody gave it
  std::string identity;             // as status shows it; empty where it is not known
  bool unchanged = false;           // the issuer gave nothing that lives longer than what is held
  std::optional<RenewalView> token; // what is held now
  std::optional<Error> error;       // why there is no newer one
};

// Answers for every registry: decides who answers (the rules of the configuration,
// the built-in table, the credential store, in this order) and asks them.
//
// docs/architecture.md, "When it is not found", has the table that get() follows:
// Errc::not_configured is its "not found", where a client may go on anonymously; every
// other error is a failure that the client must not take for that.
//
// Credentials and overrides are those of the asker's namespace (asked_namespace.hpp), which sees
// nothing of another one nor of what was stored without: decision 6. Tokens are shared, since
// whose they are depends on the caller's keys alone.
class CredentialService {
public:
  // Waits, but no longer than this, until what was erased could not come back after a crash.
  using Kept = std::function<boost::asio::awaitable<void>(Duration)>;

  static constexpr Duration k_kept_limit = std::chrono::seconds(2);

  // `changed` is called after every store and erase that changed the credential store.
  CredentialService(Clock& clock,
                    const CurrentSettings& settings,
                    const ProviderTable& providers,
                    TokenCache& tokens,
                    Overrides& overrides,
                    CredentialStore& store,
                    std::function<void()> changed,
                    Kept kept = {},
                    KeyLock* lock = nullptr); // null: nothing is ever locked

  // `erased` is told the registry, `host[:port]`, of each credential that was erased: what was
  // obtained with it is to go, too.
  void on_erase(std::function<void(std::string_view)> erased) { erased_ = std::move(erased); }

  // `trail` learns who answered, and the asker's Diagnosis, where there is one, why.
  [[nodiscard]] boost::asio::awaitable<Result<Handout>> get(Inquiry inquiry, AuditEvent& trail);
  // For a registry that we mint for: what we issued ourselves, or the asker has at hand, is
  // dropped; anything else is held in memory as an override.
  [[nodiscard]] boost::asio::awaitable<Result<>>
  store(Inquiry inquiry, Credential credential, AuditEvent& trail);
  // For a registry that we mint for: forgets override and token; the next get fetches.
  [[nodiscard]] boost::asio::awaitable<Result<>> erase(Inquiry inquiry, AuditEvent& trail);
  // Obtains a new token for what a get is answered with, whatever was remembered of failures.
  // Where none can be had, the one that is held stays.
  [[nodiscard]] boost::asio::awaitable<Refreshed> refresh(Inquiry inquiry, AuditEvent& trail);
  // Whether get may give the repositories of this registry different answers.
  [[nodiscard]] bool differs_by_repository(const RegistryKey& key) const;
  // What get can answer at once: stored credentials, without those of registries that we mint for.
  // Clients get each of these next, and give up on all where one fails.
  [[nodiscard]] boost::asio::awaitable<Result<std::vector<StoredName>>>
  list(std::shared_ptr<const Asker> asker, Duration patience);
  // The provider that obtains tokens for this key; empty where the credential store answers.
  [[nodiscard]] std::string_view minted_by(const RegistryKey& key) const;
  // Forgets all that was stored in a namespace, overrides too; how much there was.
  [[nodiscard]] boost::asio::awaitable<Result<std::size_t>> clear(std::string space,
                                                                  Duration patience);

private:
  // Who answers for a key: a provider with its rule, or the store.
  struct Route {
    Rule rule;
    const ProviderSpec* spec = nullptr; // null: the store
  };
  [[nodiscard]] Route route(const RegistryKey& key) const;
  [[nodiscard]] bool stored_answers(std::string_view name) const;
  [[nodiscard]] static bool may_be_anonymous(const Route& route, const RegistryKey& key);
  [[nodiscard]] std::optional<Duration> min_remaining(const Rule& rule) const;
  boost::asio::awaitable<Result<Resolved>> resolve(Route route, Inquiry inquiry, AuditEvent& trail);
  boost::asio::awaitable<Refreshed>
  renew(Route route, Inquiry inquiry, AuditEvent& trail, std::string overridden);
  // `overridden` is the name of what may count instead.
  boost::asio::awaitable<Result<Handout>>
  minted(Route route, Inquiry inquiry, AuditEvent& trail, std::optional<std::string> overridden);
  [[nodiscard]] std::optional<Error> unknown_rule(const Inquiry& inquiry) const;
  [[nodiscard]] std::optional<Handout> override_for(const std::string& name,
                                                    const Result<Resolved>& resolved,
                                                    const Inquiry& inquiry,
                                                    AuditEvent& trail);
  boost::asio::awaitable<Result<Handout>>
  for_account(std::string space, Route route, Inquiry inquiry, AuditEvent& trail);
  boost::asio::awaitable<Result<Handout>>
  stored(std::string space, Inquiry inquiry, AuditEvent& trail);
  [[nodiscard]] bool locked() const;
  // What a get is told while it is locked.
  boost::asio::awaitable<Error> refusal(RegistryKey key);
  boost::asio::awaitable<Result<Handout>>
  found(std::string space, Inquiry inquiry, AuditEvent& trail);
  [[nodiscard]] Error of_store(const Error& error, Duration limit) const;
  boost::asio::awaitable<void> kept(BootTime give_up);

  Clock& clock_;
  const CurrentSettings& settings_;
  const ProviderTable& providers_;
  TokenCache& tokens_;
  Overrides& overrides_;
  CredentialStore& store_;
  std::function<void()> changed_;
  Kept kept_;
  std::function<void(std::string_view)> erased_ = [](std::string_view) {};
  KeyLock* lock_;
};

} // namespace purser
