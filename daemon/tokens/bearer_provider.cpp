#include "daemon/tokens/bearer_provider.hpp"

#include "common/docker_words.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/http/url.hpp"
#include "daemon/providers/sealed_egress.hpp"
#include "daemon/tokens/sealed_question.hpp"

#include <chrono>
#include <cstddef>
#include <utility>

namespace purser {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t k_max_grants = 4096;
constexpr Duration k_grant_age = 1h;

std::string authority_of(const std::string& realm)
{
  const auto url = parse_url(realm);
  return url ? url->authority() : realm;
}

// As a rule's `realms` names it.
std::string host_of(const std::string& realm)
{
  const auto url = parse_url(realm);
  return url ? url->host_header() : realm;
}

// What status and the log say of a token.
std::string told(const TokenQuestion& question)
{
  constexpr std::size_t k_most = 160;
  std::string text = question.anonymous() ? "anonymous" : "user " + question.username;
  text += question.scopes.empty() ? ", no scope" : ", " + question.scopes.text();
  if (text.size() > k_most) text.replace(k_most, std::string::npos, "...");
  return text;
}

} // namespace

BearerProvider::BearerProvider(const asio::any_io_executor& ex, Parts parts, const Uniform& uniform)
  : clock_(parts.clock)
  , store_(parts.store)
  , challenges_(parts.challenges)
  , key_(parts.key)
  , endpoint_(parts.clock, parts.http)
  , trials_(ex, parts.clock, uniform)
  , refresh_tokens_(ex, parts.clock, parts.store, parts.key)
  , grants_(k_max_grants, k_grant_age)
{
}

std::string BearerProvider::credential_digest(const TokenQuestion& question)
{
  if (question.anonymous()) return {};
  FieldList fields;
  fields.add("bearer credential").add(question.registry).add(authority_of(question.realm));
  fields.add(question.username);
  if (question.by_identity_token())
    fields.add("lineage").add(refresh_tokens_.lineage(question.secret));
  else
    fields.add("secret").add(question.secret.reveal());
  return key_.digest(fields.text());
}

BearerProvider::Names BearerProvider::names_of(const TokenQuestion& question)
{
  FieldList family;
  family.add("bearer family").add(credential_digest(question)).add(question.registry);
  family.add(question.realm).add(question.service).add(question.only_public ? "public" : "");
  add_egress(family, question.egress);
  const std::string digest = key_.digest(family.text());
  FieldList identity;
  identity.add("bearer").add(digest).add(question.scopes.text());
  return Names{digest, Identity(key_.digest(identity.text()))};
}

Resolved BearerProvider::remember(TokenQuestion question, const Names& names)
{
  Resolved resolved(names.identity, told(question));
  resolved.issuer = authority_of(question.realm);
  const std::string& digest = names.identity.digest;
  scopes_.note_asked(names.family, question.registry,
                     ScopeIndex::Entry(names.identity, question.scopes), clock_.now());
  if (grants_.touch(digest, clock_.now())) return resolved;
  Grant grant;
  grant.family = names.family;
  grant.registry = question.registry;
  grant.realm = host_of(question.realm);
  grant.credential = credential_digest(question);
  grant.sealed = seal_question(key_, question, digest);
  grants_.put(digest, std::make_shared<const Grant>(std::move(grant)), clock_.now());
  return resolved;
}

asio::awaitable<Result<Resolved>>
BearerProvider::resolve(Rule, RegistryKey, std::shared_ptr<const Asker>)
{
  co_return Error{Errc::internal, "a token by scope was asked for without one"};
}

asio::awaitable<Result<Token>> BearerProvider::fetch(Identity identity)
{
  const auto* const known = grants_.find(identity.digest, clock_.now());
  if (known == nullptr)
    co_return Error{Errc::expired_source,
                    "what this token is obtained with is not held (nobody asked for an hour, or "
                    "since the start): the next request brings it again"};
  const GrantPtr grant = *known;
  auto question = open_question(key_, grant->sealed, identity.digest);
  if (!question) co_return question.error();
  const std::string username = question->username;
  const Exchanged exchanged = co_await exchange(grant, std::move(*question));
  note_outcome(*grant, exchanged);
  if (!exchanged.grant) co_return exchanged.grant.error();
  scopes_.note_granted(grant->family, identity, exchanged.grant->granted);
  co_return Token(username, exchanged.grant->token.clone(), exchanged.sent_at,
                  exchanged.grant->life);
}

asio::awaitable<Exchanged> BearerProvider::exchange(GrantPtr grant, TokenQuestion question)
{
  // Until the exchange is over, whoever else would try a credential that is not proven waits.
  const auto pass = co_await trials_.begin(grant->credential);
  if (!pass) co_return Exchanged(pass.error(), clock_.now());
  if (question.by_identity_token()) {
    RefreshTokens::Ask ask = [this](RefreshTokens::QuestionPtr of) {
      return endpoint_.ask(std::move(of));
    };
    co_return co_await refresh_tokens_.exchange(std::move(question), std::move(ask));
  }
  const auto asked = std::make_shared<const TokenQuestion>(std::move(question));
  const auto stored = co_await still_stored(asked);
  if (!stored) co_return Exchanged(stored.error(), clock_.now());
  co_return co_await endpoint_.ask(asked);
}

// Who logged out is not to be spoken for any more, also where a renewal was due by then.
asio::awaitable<Result<>>
BearerProvider::still_stored(std::shared_ptr<const TokenQuestion> question)
{
  if (question->stored_as.empty()) co_return Result<>{};
  auto looking = store_.get(question->space, question->stored_as);
  const auto found =
      co_await with_timeout(clock_, RefreshTokens::k_store_limit, std::move(looking));
  if (!found) co_return found.error();
  if (*found && (*found)->username == question->username && (*found)->secret == question->secret)
    co_return Result<>{};
  co_return Error{Errc::expired_source, "the login that this token comes from was erased or "
                                        "replaced: the next request uses what is stored by then"};
}

void BearerProvider::note_outcome(const Grant& grant, const Exchanged& exchanged)
{
  if (!exchanged.grant) challenges_.forget(grant.registry);
  if (grant.credential.empty()) return;
  if (exchanged.grant) {
    trials_.accepted(grant.credential);
    pins_.note(grant.registry, grant.realm);
  } else if (exchanged.credential_refused) {
    trials_.refused(grant.credential, exchanged.grant.error());
  }
}

Credential BearerProvider::newest(Credential credential)
{
  if (credential.username == docker_words::k_identity_token)
    credential.secret = refresh_tokens_.newest_of(credential.secret);
  return credential;
}

void BearerProvider::forget_logins()
{
  grants_ = AgingTable<GrantPtr>(k_max_grants, k_grant_age);
}

asio::awaitable<void> BearerProvider::forget_old()
{
  constexpr Duration k_interval = 1min;
  for (;;) {
    co_await clock_.sleep_until(clock_.now() + k_interval);
    grants_.forget_old(clock_.now());
  }
}

} // namespace purser
