#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/cache/token_cache.hpp"
#include "daemon/observe/audit.hpp"
#include "daemon/providers/handout.hpp"
#include "daemon/providers/inquiry.hpp"
#include "daemon/registry/scope_set.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/tokens/access_token.hpp"
#include "daemon/tokens/bearer_provider.hpp"
#include "daemon/tokens/challenge_cache.hpp"
#include "daemon/tokens/registry_answer.hpp"
#include "daemon/tokens/registry_caller.hpp"
#include "daemon/tokens/token_rules.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace purser {

// What somebody wants a token for.
struct TokenInquiry {
  TokenInquiry(Inquiry i, ScopeSet w) : inquiry(std::move(i)), wanted(std::move(w)) {}

  Inquiry inquiry;
  ScopeSet wanted;        // empty: no right, only to be known
  bool anonymous = false; // whatever is stored is left alone
  // A login that is not stored yet, instead of what is. It is shown to its token server although
  // a token of it may be held.
  std::optional<Credential> instead;
};

// Tokens by scope, for whoever knows what it will ask a registry.
//
// The registry is asked how it wants to be asked (ChallengeCache), the credential is the one that
// a `get` of the same caller is answered with, and the token comes from the registry's realm
// (BearerProvider) or, where it lives, from the same TokenCache as all others. What is asked for is
// exactly what was wanted: never what a challenge names besides, and never more than reading for
// who has no credential. Where a token that is held, or on its way, has all the rights that are
// wanted and was obtained with the same credential, that one is the answer, unless the
// configuration wants exact scopes.
//
// A credential that fails is an error; it is never left out to try without.
class TokenService {
public:
  // What a `get` is answered with: not_configured is its "not found".
  using Credentials =
      std::function<boost::asio::awaitable<Result<Handout>>(Inquiry, AuditEvent& trail)>;
  // What the configuration says of a registry.
  using Rules = std::function<TokenRules(const RegistryKey&)>;

  struct Parts {
    Clock& clock;
    HttpClient& http;
    ChallengeCache& challenges;
    BearerProvider& bearer;
    TokenCache& tokens;
  };

  // `own_home` stands in for the HOME of an asker that has none.
  TokenService(Parts parts,
               Credentials credentials,
               Rules rules,
               std::optional<std::string> own_home);

  // How to show the registry that one may do what is wanted.
  //   not_configured  there is no credential, and without one it cannot be had
  //   unsafe          the registry names a realm that it may not (the error says how to allow it)
  //   rejected        the credential; it is not tried again for a while
  //   forbidden       the token server gives it none
  // and the errors of HttpClient. `trail` learns who answered.
  [[nodiscard]] boost::asio::awaitable<Result<AccessToken>> token(TokenInquiry inquiry,
                                                                  AuditEvent& trail);

  // Asks the registry itself, with that token, whether `action` is allowed; changes nothing there
  // that outlives the call. A token from memory that it refuses is obtained anew, once.
  [[nodiscard]] boost::asio::awaitable<Result<RegistryAnswer>>
  try_access(TokenInquiry inquiry, Action action, AuditEvent& trail);

  // What is to be stored of a login that was tried as `instead`: some token servers replace an
  // identity token with each use.
  [[nodiscard]] Credential newest(Credential credential)
  {
    return parts_.bearer.newest(std::move(credential));
  }

  // Forgets tokens and challenges of a registry, `host[:port]`: somebody logged out.
  void forget(std::string_view registry);

private:
  // What a request has come to know.
  struct Asking;
  using AskingPtr = std::shared_ptr<Asking>;

  boost::asio::awaitable<Result<RegistryAnswer>> tried(AskingPtr asking, Action action);
  // Whether a token from memory was refused, which is forgotten then.
  [[nodiscard]] bool
  drop_refused(const Asking& asking, const RegistryAnswer& answer, BootTime begun);
  boost::asio::awaitable<Result<AskingPtr>> begin(TokenInquiry inquiry, AuditEvent& trail);
  boost::asio::awaitable<Result<std::optional<Handout>>> credential(AskingPtr asking,
                                                                    AuditEvent& trail);
  boost::asio::awaitable<Result<ChallengePtr>> challenge(AskingPtr asking);
  boost::asio::awaitable<Result<AccessToken>> shown(AskingPtr asking);
  [[nodiscard]] Result<TokenQuestion> question_of(const Asking& asking) const;
  boost::asio::awaitable<Result<AccessToken>> bearer(AskingPtr asking);
  boost::asio::awaitable<std::optional<AccessToken>> from_wider_token(AskingPtr asking,
                                                                      std::string family);
  boost::asio::awaitable<Result<AccessToken>> taken(AskingPtr asking, TokenQuestion question);
  [[nodiscard]] std::optional<ScopeSet> granted(const BearerProvider::Names& names,
                                                const Secret& token);
  [[nodiscard]] NamedProvider provider() const;
  [[nodiscard]] Duration left(const Asking& asking) const;
  [[nodiscard]] bool is_alive_or_coming(const Identity& identity) const;

  Parts parts_;
  Credentials credentials_;
  Rules rules_;
  std::optional<std::string> own_home_;
  RegistryCaller caller_;
};

} // namespace purser
