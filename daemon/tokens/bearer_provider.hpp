#pragma once

#include "daemon/http/http_client.hpp"
#include "daemon/providers/aging_table.hpp"
#include "daemon/providers/token_provider.hpp"
#include "daemon/renewal/renewing.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/time/clock.hpp"
#include "daemon/tokens/challenge_cache.hpp"
#include "daemon/tokens/credential_trials.hpp"
#include "daemon/tokens/realm_pins.hpp"
#include "daemon/tokens/refresh_tokens.hpp"
#include "daemon/tokens/scope_index.hpp"
#include "daemon/tokens/token_endpoint.hpp"
#include "daemon/tokens/token_question.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace purser {

// Obtains tokens by scope from token endpoints, for TokenCache to keep and renew.
//
// The identity is made of the credential, the registry, the realm, the service, the scopes and the
// way out to the network. A refresh token counts as the first of its lineage, so that a login that
// is replaced with each use stays one. What fetch() needs is kept, sealed, for an hour after the
// last remember() of the identity.
class BearerProvider final : public TokenProvider {
public:
  struct Parts {
    Clock& clock;
    HttpClient& http;
    CredentialStore& store;
    ChallengeCache& challenges;
    const SealingKey& key;
  };

  BearerProvider(const boost::asio::any_io_executor& ex, Parts parts, const Uniform& uniform);

  // Under what a question's token is kept.
  struct Names {
    std::string family; // of all that is alike but for the scopes: see ScopeIndex
    Identity identity;
  };
  [[nodiscard]] Names names_of(const TokenQuestion& question);

  // What fetch() will ask; an equal question is the same identity.
  [[nodiscard]] Resolved remember(TokenQuestion question, const Names& names);

  // Not the way to it: a rule and a registry say nothing of scopes. internal.
  boost::asio::awaitable<Result<Resolved>>
  resolve(Rule rule, RegistryKey key, std::shared_ptr<const Asker> asker) override;

  // rejected from memory where the credential was refused a moment ago, for whatever scope;
  // expired_source where it is not stored any more.
  boost::asio::awaitable<Result<Token>> fetch(Identity identity) override;

  // What is to be stored of a login that was tried: see RefreshTokens::newest_of().
  [[nodiscard]] Credential newest(Credential credential);

  [[nodiscard]] ScopeIndex& scopes() { return scopes_; }
  [[nodiscard]] RealmPins& pins() { return pins_; }

  // Drops what tokens are obtained with; the next request brings it again.
  void forget_logins();
  // Drops what came with requests an hour after the last of them. Spawn it once.
  [[nodiscard]] boost::asio::awaitable<void> forget_old();

private:
  struct Grant {
    std::string family;
    std::string registry;
    std::string realm;      // its host, as a rule's `realms` names it
    std::string credential; // digest of it and of whom it is shown to; empty where there is none
    std::string sealed;     // the question
  };
  using GrantPtr = std::shared_ptr<const Grant>;

  boost::asio::awaitable<Exchanged> exchange(GrantPtr grant, TokenQuestion question);
  boost::asio::awaitable<Result<>> still_stored(std::shared_ptr<const TokenQuestion> question);
  void note_outcome(const Grant& grant, const Exchanged& exchanged);
  [[nodiscard]] std::string credential_digest(const TokenQuestion& question);

  Clock& clock_;
  CredentialStore& store_;
  ChallengeCache& challenges_;
  const SealingKey& key_;
  TokenEndpoint endpoint_;
  CredentialTrials trials_;
  RefreshTokens refresh_tokens_;
  RealmPins pins_;
  ScopeIndex scopes_;
  AgingTable<GrantPtr> grants_; // by identity
};

} // namespace purser
