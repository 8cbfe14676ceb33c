#pragma once

#include "daemon/cache/kept_token.hpp"
#include "daemon/providers/handout.hpp"
#include "daemon/providers/table.hpp"
#include "daemon/providers/token_provider.hpp"
#include "daemon/renewal/renewing.hpp"
#include "daemon/renewal/report.hpp"
#include "daemon/seal/sealing_key.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <compare>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser {

// A provider of the table and the name it has there. `provider` outlives the cache.
struct NamedProvider {
  std::string_view name;
  TokenProvider* provider;
};

// Tokens by identity: Renewing's first user. They lie sealed in memory under the key
// of the process and are opened for each answer.
class TokenCache {
public:
  static constexpr std::size_t k_max_identities = 4096;
  static constexpr std::size_t k_max_registries_named = 16; // per entry, for status

  // For status and for people; never a secret.
  struct Entry {
    std::string_view provider;
    std::string identity; // label()
    std::string source;
    std::vector<std::string> registries;
    RenewalView view;
  };

  TokenCache(boost::asio::any_io_executor ex, Clock& clock, Uniform uniform, const SealingKey& key);

  // The first 8 hexadecimal digits of the digest, which tell identities apart.
  [[nodiscard]] static std::string label(const Identity& identity);

  // A token of `resolved` that is alive, for `registry`.
  [[nodiscard]] boost::asio::awaitable<Result<Handout>>
  get(NamedProvider provider, Resolved resolved, std::string registry, Demand demand);
  // Fetches a new one, though the one that is held may be alive; that stays where none can be
  // had. What is known of the new one.
  [[nodiscard]] boost::asio::awaitable<Result<RenewalView>>
  renew(NamedProvider provider, Resolved resolved, std::string registry, Duration patience);

  // Forgets the token; the next get() fetches a new one.
  void erase(const NamedProvider& provider, const Identity& identity);
  // Forgets all of them; what is being fetched brings none back.
  void clear();
  void forgive() { tokens_.forgive(); }

  // Remembers until then that this was handed out, for issued().
  void note_issued(std::string_view username, const Secret& secret, BootTime expires_at);
  // Whether this is a token that we handed out and that could still be alive.
  [[nodiscard]] bool issued(std::string_view username, const Secret& secret) const;

  [[nodiscard]] std::vector<Entry> entries() const;
  // Nothing where it was never asked for.
  [[nodiscard]] std::optional<RenewalView> view(const NamedProvider& provider,
                                                const Identity& identity) const;
  [[nodiscard]] bool in_use() const { return tokens_.in_use(); }

  [[nodiscard]] const RenewalTally& tally() const { return tokens_.tally(); }
  [[nodiscard]] RenewalReport report() const { return report_on(tokens_, clock_.now()); }

  // `changed` is called after a token came or was erased: what is kept elsewhere is old.
  void on_change(std::function<void()> changed) { tokens_.on_change(std::move(changed)); }
  // All tokens that are alive; and back into a new cache whose key is the one of that process.
  // What does not open, and what no provider of the table obtained, is left out.
  [[nodiscard]] std::vector<KeptToken> kept() const;
  void restore(std::vector<KeptToken> tokens, const ProviderTable& providers);

  // Spawn it once.
  [[nodiscard]] boost::asio::awaitable<void> tend() { return tokens_.tend(); }

private:
  struct Key {
    std::string_view provider;
    TokenProvider* source;
    Identity identity;
    std::string issuer;

    friend std::strong_ordering operator<=>(const Key& a, const Key& b)
    {
      if (const auto by_name = a.provider.compare(b.provider); by_name != 0) return by_name <=> 0;
      return a.identity.digest.compare(b.identity.digest) <=> 0;
    }
  };
  struct Sealed {
    std::string username;
    std::string bytes;
    BootTime expires_at{};
  };
  using SealedPtr = std::shared_ptr<const Sealed>;
  struct Notes {
    std::string source;
    std::set<std::string, std::less<>> registries;
  };

  Key noted(const NamedProvider& provider, Resolved resolved, const std::string& registry);
  boost::asio::awaitable<Result<Fetched<SealedPtr>>> fetch(Key key);
  [[nodiscard]] std::string issued_digest(std::string_view username, const Secret& secret) const;
  void log(const Key& key, const RenewalEvent& event);
  // Source and registries of an Entry or a KeptToken.
  template <class Told>
  void fill_in_notes(const Key& key, Told& told) const;
  void note_use(const Key& key, const std::string& source, const std::string& registry);

  Clock& clock_;
  const SealingKey& key_;
  Renewing<Key, SealedPtr> tokens_;
  std::map<Key, Notes> notes_;
  std::map<std::string, BootTime> issued_; // digest -> expiry
  std::deque<std::map<std::string, BootTime>::iterator> issued_in_order_;
  bool told_of_restored_ = false;
};

} // namespace purser
