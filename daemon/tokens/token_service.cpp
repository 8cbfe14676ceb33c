#include "daemon/tokens/token_service.hpp"

#include "daemon/async/timeout.hpp"
#include "daemon/http/url.hpp"
#include "daemon/providers/diagnosis.hpp"
#include "daemon/providers/standpoint.hpp"
#include "daemon/registry/basic_authorization.hpp"
#include "daemon/registry/jwt_claims.hpp"
#include "daemon/registry/realm.hpp"
#include "daemon/registry/registry_quirks.hpp"
#include "daemon/renewal/policy.hpp"
#include "daemon/renewal/silence.hpp"
#include "daemon/tokens/endpoint_messages.hpp"

#include <algorithm>

namespace purser {
namespace asio = boost::asio;

namespace {

constexpr std::string_view k_provider = "bearer"; // its name in the table of providers

// Whoever looks at the code alone would take what AWS refuses for what the registry does.
void note_no_handout(const Asker& asker)
{
  if (asker.diagnosis && asker.diagnosis->trouble == Diagnosis::Trouble::none)
    asker.diagnosis->trouble = Diagnosis::Trouble::no_handout;
}

Error anonymous_writing()
{
  return with_remedy({Errc::bad_request, "without a credential nothing but pull is asked for: ask "
                                         "for pull, or log in"});
}

Error nobody(const std::string& registry)
{
  return with_remedy({Errc::not_configured, "nothing is stored for " + registry +
                                                " and no rule claims it, and without a credential "
                                                "nothing but pull is asked for; log in first"});
}

// What Basic has no form for (RFC 7617, section 2).
Result<> check_basic(const std::string& registry, const Handout& handout)
{
  TokenQuestion question;
  question.registry = registry;
  question.username = handout.username;
  question.secret = handout.secret.clone();
  if (!question.by_identity_token()) return check_expressible(question);
  return with_remedy({Errc::misconfigured,
                      registry + " wants a user name and password, and what is stored for it is an "
                                 "identity token: log in with these"});
}

// Whether the configuration names the realm: a change to it is no surprise then.
bool names_realm(const std::vector<std::string>& realms, const Url& realm)
{
  return std::any_of(realms.begin(), realms.end(), [&realm](const std::string& name) {
    return name == realm.authority() || name == realm.host_header();
  });
}

Error wants_login(const std::string& registry)
{
  return with_remedy({Errc::not_configured, registry + " wants a user name and password, and none "
                                                       "is stored: log in first"});
}

// Some registries refuse all that is asked together with it.
Result<> check_catalog(const RegistryKey& key, const ScopeSet& wanted)
{
  if (registry_quirks(key.host()).catalog || !wanted.covers(ScopeSet::catalog())) return {};
  return with_remedy(
      {Errc::forbidden, std::string(key.registry()) +
                            " lets nobody list its repositories, and refuses "
                            "whatever is asked besides: leave registry:catalog out"});
}

// For people: who holds the credential.
std::string source_of(const AuditEvent& trail)
{
  if (!trail.source.empty()) return trail.source;
  if (trail.provider == "store") return "stored login";
  return trail.provider == "override" ? "docker login" : trail.provider;
}

} // namespace

// What is known of one request, and gathered on the way.
struct TokenService::Asking {
  Asking(TokenInquiry i, TokenRules r, Egress e, BootTime end)
    : inquiry(std::move(i)), rules(std::move(r)), egress(std::move(e)), give_up(end)
  {
  }

  [[nodiscard]] std::string registry() const { return std::string(inquiry.inquiry.key.registry()); }

  TokenInquiry inquiry;
  TokenRules rules;
  Egress egress;
  BootTime give_up;
  std::optional<Handout> handout; // nothing: anonymous
  std::string source;
  ChallengePtr challenge;
  std::optional<Identity> used; // of the token that was the answer
};

TokenService::TokenService(Parts parts,
                           Credentials credentials,
                           Rules rules,
                           std::optional<std::string> own_home)
  : parts_(parts)
  , credentials_(std::move(credentials))
  , rules_(std::move(rules))
  , own_home_(std::move(own_home))
  , caller_(parts.http)
{
}

asio::awaitable<Result<AccessToken>> TokenService::token(TokenInquiry inquiry, AuditEvent& trail)
{
  auto asking = co_await begin(std::move(inquiry), trail);
  if (!asking) co_return asking.error();
  co_return co_await shown(std::move(*asking));
}

asio::awaitable<Result<RegistryAnswer>>
TokenService::try_access(TokenInquiry inquiry, Action action, AuditEvent& trail)
{
  auto asking = co_await begin(std::move(inquiry), trail);
  if (!asking) co_return asking.error();
  const BootTime begun = parts_.clock.now();
  auto answer = co_await tried(*asking, action);
  if (!answer || !drop_refused(**asking, *answer, begun)) co_return answer;
  co_return co_await tried(std::move(*asking), action);
}

asio::awaitable<Result<RegistryAnswer>> TokenService::tried(AskingPtr asking, Action action)
{
  auto access = co_await shown(asking);
  if (!access) co_return access.error();
  std::string repository(asking->inquiry.inquiry.key.repository());
  auto trying = caller_.try_action(asking->challenge->base, std::move(repository), action,
                                   std::move(*access), asking->egress);
  const Duration limit = left(*asking);
  auto answer = co_await with_timeout(parts_.clock, limit, std::move(trying));
  if (!answer) co_return said_of(asking->challenge->base, limit, answer.error());
  co_return answer;
}

bool TokenService::drop_refused(const Asking& asking, const RegistryAnswer& answer, BootTime begun)
{
  const unsigned expired = registry_quirks(asking.inquiry.inquiry.key.host()).expired_status;
  const bool refused = answer.status == 401 || answer.status == expired;
  if (!refused || !asking.used) return false;
  const auto view = parts_.tokens.view(provider(), *asking.used);
  if (!view || !view->life || view->life->sent_at >= begun) return false;
  parts_.tokens.erase(provider(), *asking.used);
  return true;
}

// Finds the credential, and asks the registry how it wants to be shown it.
asio::awaitable<Result<TokenService::AskingPtr>> TokenService::begin(TokenInquiry inquiry,
                                                                     AuditEvent& trail)
{
  const RegistryKey key = inquiry.inquiry.key;
  if (key.opaque()) co_return Error{Errc::bad_request, "this is not the name of a registry"};
  if (auto has = check_catalog(key, inquiry.wanted); !has) co_return has.error();
  auto egress = find_egress(Standpoint::of_asker(inquiry.inquiry.asker, own_home_), "");
  if (!egress) co_return egress.error();
  const BootTime give_up = parts_.clock.now() + inquiry.inquiry.patience;
  const auto asking =
      std::make_shared<Asking>(std::move(inquiry), rules_(key), std::move(*egress), give_up);
  auto handout = co_await credential(asking, trail);
  if (!handout) co_return handout.error();
  asking->handout = std::move(*handout);
  auto challenge = co_await this->challenge(asking);
  if (!challenge) co_return challenge.error();
  asking->challenge = std::move(*challenge);
  co_return asking;
}

// Nothing where it goes without one, which is for reading only.
asio::awaitable<Result<std::optional<Handout>>> TokenService::credential(AskingPtr asking,
                                                                         AuditEvent& trail)
{
  TokenInquiry& inquiry = asking->inquiry;
  if (inquiry.instead) {
    asking->source = "this login";
    co_return std::optional(Handout(inquiry.instead->username, std::move(inquiry.instead->secret)));
  }
  const bool reading = inquiry.wanted.only_pull();
  if (inquiry.anonymous && !reading) co_return anonymous_writing();
  asking->source = "anonymous";
  if (inquiry.anonymous) co_return std::optional<Handout>();
  auto handout = co_await credentials_(inquiry.inquiry, trail);
  if (handout) asking->source = source_of(trail);
  if (handout) co_return std::optional(std::move(*handout));
  if (handout.error().code != Errc::not_configured) {
    note_no_handout(*inquiry.inquiry.asker);
    co_return handout.error();
  }
  if (!reading) co_return nobody(asking->registry());
  co_return std::optional<Handout>();
}

// A registry whose own address is free for all may still want to know who reads a repository.
asio::awaitable<Result<ChallengePtr>> TokenService::challenge(AskingPtr asking)
{
  RegistryPlace place(asking->registry(), "", asking->rules.plain_http);
  auto challenge = co_await parts_.challenges.get(place, asking->egress, left(*asking));
  const std::string repository(asking->inquiry.inquiry.key.repository());
  if (!challenge || repository.empty() || (*challenge)->auth.scheme != RegistryAuth::Scheme::none)
    co_return challenge;
  place.repository = repository;
  co_return co_await parts_.challenges.get(std::move(place), asking->egress, left(*asking));
}

asio::awaitable<Result<AccessToken>> TokenService::shown(AskingPtr asking)
{
  const RegistryAuth& auth = asking->challenge->auth;
  if (auth.scheme == RegistryAuth::Scheme::bearer) co_return co_await bearer(std::move(asking));
  AccessToken access;
  access.registry = asking->registry();
  access.asked = asking->inquiry.wanted;
  access.source = asking->source;
  if (asking->handout) access.username = asking->handout->username;
  if (auth.scheme == RegistryAuth::Scheme::none) co_return access;
  if (!asking->handout) co_return wants_login(access.registry);
  if (const auto fit = check_basic(access.registry, *asking->handout); !fit) co_return fit.error();
  access.scheme = AccessToken::Scheme::basic;
  const WipingBuffer value =
      basic_authorization(asking->handout->username, asking->handout->secret);
  constexpr std::string_view k_prefix = "Basic ";
  access.token = Secret(std::string_view(value.data(), value.size()).substr(k_prefix.size()));
  access.expires_at = asking->handout->expires_at;
  co_return access;
}

// What is asked of the token endpoint, once the realm was found fit.
Result<TokenQuestion> TokenService::question_of(const Asking& asking) const
{
  const RegistryChallenge& challenge = *asking.challenge;
  const auto registry_url = parse_url(challenge.base + "/");
  if (!registry_url) return registry_url.error();
  RealmRules rules;
  rules.allowed = asking.rules.realms;
  rules.with_credential = asking.handout.has_value();
  const auto realm = check_realm(challenge.auth.realm, *registry_url, rules);
  if (!realm) return realm.error();
  if (asking.handout) {
    const bool configured = names_realm(asking.rules.realms, realm->url);
    if (auto same =
            parts_.bearer.pins().check(asking.registry(), realm->url.host_header(), configured);
        !same)
      return same.error();
  }

  TokenQuestion question;
  question.registry = asking.registry();
  question.realm = challenge.auth.realm;
  question.service = challenge.auth.service;
  question.scopes = asking.inquiry.wanted;
  question.egress = asking.egress;
  // A registry inside of this network may well have its realm there, too.
  question.only_public = realm->only_public && challenge.is_public;
  if (!asking.handout) return question;
  question.username = asking.handout->username;
  question.secret = asking.handout->secret.clone();
  question.space = asking.handout->space;
  question.stored_as = asking.handout->stored_as;
  return question;
}

asio::awaitable<Result<AccessToken>> TokenService::bearer(AskingPtr asking)
{
  auto question = question_of(*asking);
  if (!question) { // who mends it is not to wait
    parts_.challenges.forget(asking->registry());
    co_return question.error();
  }
  const BearerProvider::Names own = parts_.bearer.names_of(*question);
  const bool held = is_alive_or_coming(own.identity);
  if (asking->inquiry.instead) { // its token server proves a login, and not what is remembered
    if (held) parts_.tokens.erase(provider(), own.identity);
  } else if (!asking->rules.exact_scopes && !held) {
    auto wider = co_await from_wider_token(asking, own.family);
    if (wider) co_return std::move(*wider);
  }
  co_return co_await taken(std::move(asking), std::move(*question));
}

// One that has more rights than are wanted, or will have them in a moment.
asio::awaitable<std::optional<AccessToken>> TokenService::from_wider_token(AskingPtr asking,
                                                                           std::string family)
{
  const ScopeSet wanted = asking->inquiry.wanted;
  // Of a token that nobody knows by name, only what is said to be granted counts.
  const bool doubt = asking->handout.has_value();
  const auto covering = parts_.bearer.scopes().covering(family, wanted, doubt);
  for (const ScopeIndex::Entry& wider : covering) {
    if (!is_alive_or_coming(wider.identity)) continue;
    auto question = question_of(*asking);
    if (!question) co_return std::nullopt;
    question->scopes = wider.asked;
    auto access = co_await taken(asking, std::move(*question));
    if (!access) continue; // who wants less may well be given it
    if (access->granted ? access->granted->covers(wanted) : doubt) co_return std::move(*access);
  }
  co_return std::nullopt;
}

asio::awaitable<Result<AccessToken>> TokenService::taken(AskingPtr asking, TokenQuestion question)
{
  const BearerProvider::Names names = parts_.bearer.names_of(question);
  AccessToken access;
  access.scheme = AccessToken::Scheme::bearer;
  access.registry = question.registry;
  access.realm = question.realm;
  access.service = question.service;
  access.username = question.username;
  access.source = asking->source;
  access.asked = question.scopes;
  Resolved resolved = parts_.bearer.remember(std::move(question), names);
  const Demand demand(left(*asking), Duration::zero());
  auto handout =
      co_await parts_.tokens.get(provider(), std::move(resolved), access.registry, demand);
  if (!handout) co_return handout.error();
  access.token = std::move(handout->secret);
  access.expires_at = handout->expires_at;
  access.granted = granted(names, access.token);
  asking->used = names.identity;
  co_return access;
}

// As the token server said or, of a token that was restored, as the token itself says.
std::optional<ScopeSet> TokenService::granted(const BearerProvider::Names& names,
                                              const Secret& token)
{
  ScopeIndex& scopes = parts_.bearer.scopes();
  const ScopeIndex::Entry* const entry = scopes.find(names.family, names.identity);
  if (entry != nullptr && entry->fetched) return entry->granted;
  const auto claims = read_jwt_claims(token.reveal());
  auto said = claims ? claims->access : std::nullopt;
  scopes.note_granted(names.family, names.identity, said);
  return said;
}

NamedProvider TokenService::provider() const
{
  return {k_provider, &parts_.bearer};
}

Duration TokenService::left(const Asking& asking) const
{
  return std::max<Duration>(asking.give_up - parts_.clock.now(), Duration::zero());
}

bool TokenService::is_alive_or_coming(const Identity& identity) const
{
  const auto view = parts_.tokens.view(provider(), identity);
  if (!view) return false;
  return view->in_flight ||
         (view->life && freshness(*view->life, parts_.clock.now()) != Freshness::expired);
}

void TokenService::forget(std::string_view registry)
{
  parts_.challenges.forget(registry);
  parts_.bearer.pins().forget(std::string(registry));
  for (const Identity& identity : parts_.bearer.scopes().take(registry))
    parts_.tokens.erase(provider(), identity);
}

} // namespace purser
