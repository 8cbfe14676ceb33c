#include "daemon/server/credential_service.hpp"

#include "daemon/async/timeout.hpp"
#include "daemon/config/rule_phrase.hpp"
#include "daemon/providers/diagnosis.hpp"
#include "daemon/renewal/silence.hpp"
#include "daemon/server/asked_namespace.hpp"
#include "daemon/store/key_ladder.hpp"

#include <algorithm>
#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

constexpr std::string_view k_store = "store";

// How long it is remembered what was handed out whose life nobody knows.
constexpr Duration k_noted = std::chrono::hours(24);

// `a/b/c` becomes `a/b`; false where no repository is left to cut.
bool shorten(std::string& key, std::size_t registry_size)
{
  const auto slash = key.rfind('/');
  if (slash == std::string::npos || slash < registry_size) return false;
  key.resize(slash);
  return true;
}

// Who answers, and why.
void tell_route(const Inquiry& inquiry, const Rule& rule, const ProviderSpec* spec)
{
  if (!inquiry.asker->diagnosis) return;
  std::string text = "no rule and no built-in pattern: the credential store answers";
  if (!rule.match.empty())
    text = "the rule \"" + rule.match + "\": provider " + rule_phrase(rule);
  else if (spec != nullptr)
    text = "the built-in pattern of " + std::string(spec->name);
  inquiry.asker->diagnosis->add("rule", Finding::State::used, std::move(text));
}

// Without a source, only anonymous use is left; where that is not legal it would end in a
// puzzling 401, so it is said here.
Error for_client(Error error, bool anonymous)
{
  if (error.code == Errc::not_configured && !anonymous) error.code = Errc::misconfigured;
  return error;
}

bool takes_token_of(const Rule& rule, std::string_view variable)
{
  return rule.web_identity && rule.web_identity->from == WebIdentityRule::From::variable &&
         rule.web_identity->name == variable;
}

bool same(const Handout& own, const Credential& credential)
{
  return own.username == credential.username && own.secret == credential.secret;
}

Error not_for_accounts()
{
  return Error{Errc::misconfigured,
               "this is asked for a service account, and what purser has here is not that "
               "account's own: give the registry a rule with \"role_arn\" and \"web_identity\": "
               "{\"env\": \"PURSER_SERVICE_ACCOUNT_TOKEN\"}, or take tokenAttributes out of the "
               "kubelet's configuration"};
}

void tell_namespace(const Inquiry& inquiry, const std::string& space)
{
  if (inquiry.asker->diagnosis && !space.empty())
    inquiry.asker->diagnosis->add("caller", Finding::State::good,
                                  "in the namespace " + space +
                                      ": nothing counts that was stored outside of it");
}

void tell_stored(const Inquiry& inquiry, Finding::State state, std::string text)
{
  if (inquiry.asker->diagnosis) inquiry.asker->diagnosis->add("store", state, std::move(text));
}

} // namespace

CredentialService::CredentialService(Clock& clock,
                                     const CurrentSettings& settings,
                                     const ProviderTable& providers,
                                     TokenCache& tokens,
                                     Overrides& overrides,
                                     CredentialStore& store,
                                     std::function<void()> changed,
                                     Kept kept,
                                     KeyLock* lock)
  : clock_(clock)
  , settings_(settings)
  , providers_(providers)
  , tokens_(tokens)
  , overrides_(overrides)
  , store_(store)
  , changed_(std::move(changed))
  , kept_(std::move(kept))
  , lock_(lock)
{
}

CredentialService::Route CredentialService::route(const RegistryKey& key) const
{
  if (key.opaque()) return {};
  const auto settings = settings_.get();
  if (const Rule* rule = settings->routes.find(key))
    return {*rule, rule->provider == k_store ? nullptr : providers_.named(rule->provider)};
  if (const ProviderSpec* spec = providers_.serving(key)) return {Rule{}, spec};
  return {};
}

// Whether a get of a stored name is answered with what is stored. It is not where a rule came
// later, or where another program wrote it into the keyring.
bool CredentialService::stored_answers(std::string_view name) const
{
  const auto key = RegistryKey::parse(name);
  return key && minted_by(*key).empty();
}

std::string_view CredentialService::minted_by(const RegistryKey& key) const
{
  const Route found = route(key);
  return found.spec == nullptr ? std::string_view{} : found.spec->name;
}

bool CredentialService::may_be_anonymous(const Route& route, const RegistryKey& key)
{
  return route.rule.anonymous || route.spec->anonymous(key);
}

// What a rule says, else what the file says.
std::optional<Duration> CredentialService::min_remaining(const Rule& rule) const
{
  return rule.min_remaining ? rule.min_remaining : settings_.get()->loaded.config.min_remaining;
}

asio::awaitable<Result<Handout>> CredentialService::get(Inquiry inquiry, AuditEvent& trail)
{
  auto space = asked_namespace(*inquiry.asker);
  if (!space) co_return space.error();
  tell_namespace(inquiry, *space);
  const RegistryKey key = inquiry.key;
  if (locked()) co_return co_await refusal(key);
  auto handout = co_await found(std::move(*space), std::move(inquiry), trail);
  if (locked()) co_return co_await refusal(key); // since then
  co_return handout;
}

bool CredentialService::locked() const
{
  return lock_ != nullptr && lock_->locked();
}

asio::awaitable<Error> CredentialService::refusal(RegistryKey key)
{
  const Route asked = route(key);
  const bool needs_token = asked.spec != nullptr && !may_be_anonymous(asked, key);
  co_return co_await lock_->refusal(key, needs_token);
}

asio::awaitable<Result<Handout>>
CredentialService::found(std::string space, Inquiry inquiry, AuditEvent& trail)
{
  Route found = route(inquiry.key);
  tell_route(inquiry, found.rule, found.spec);
  if (!inquiry.account_token.empty())
    co_return co_await for_account(std::move(space), std::move(found), std::move(inquiry), trail);
  if (found.spec == nullptr) {
    if (auto unknown = unknown_rule(inquiry)) co_return std::move(*unknown);
    co_return co_await stored(std::move(space), std::move(inquiry), trail);
  }
  std::string overridden = Overrides::name(space, inquiry.key.registry());
  co_return co_await minted(std::move(found), std::move(inquiry), trail, std::move(overridden));
}

// What somebody brought for whom this is, see Overrides.
std::optional<Handout> CredentialService::override_for(const std::string& name,
                                                       const Result<Resolved>& resolved,
                                                       const Inquiry& inquiry,
                                                       AuditEvent& trail)
{
  const std::string own = resolved ? Overrides::bound(name, resolved->identity) : name;
  auto held = overrides_.find(own);
  if (!held) return std::nullopt;
  trail.provider = "override";
  tell_stored(inquiry, Finding::State::used,
              "what docker login brought is held in memory and handed out instead of a token");
  if (const auto diagnosis = inquiry.asker->diagnosis)
    diagnosis->trouble = Diagnosis::Trouble::none;
  return Handout(std::move(held->username), std::move(held->secret), overrides_.end_of(own));
}

bool CredentialService::differs_by_repository(const RegistryKey& key) const
{
  // Stored credentials may be there for single repositories.
  return route(key).spec == nullptr || settings_.get()->routes.differ_by_repository(key);
}

asio::awaitable<Result<Handout>>
CredentialService::for_account(std::string space, Route route, Inquiry inquiry, AuditEvent& trail)
{
  if (route.spec == nullptr) {
    const auto held = co_await stored(std::move(space), std::move(inquiry), trail);
    if (!held) co_return held.error();
  } else if (takes_token_of(route.rule, inquiry.account_token)) {
    co_return co_await minted(std::move(route), std::move(inquiry), trail, std::nullopt);
  } else {
    trail.provider = route.spec->name;
  }
  co_return not_for_accounts();
}

// The configuration was never right, and what it says of this registry is not known.
std::optional<Error> CredentialService::unknown_rule(const Inquiry& inquiry) const
{
  const auto settings = settings_.get();
  const LoadedConfig& loaded = settings->loaded;
  const bool asked_in_it = !inquiry.key.opaque() && loaded.may_claim(inquiry.key.host());
  if (loaded.origin != LoadedConfig::Origin::none || !loaded.error || !asked_in_it)
    return std::nullopt;
  if (const auto diagnosis = inquiry.asker->diagnosis)
    diagnosis->trouble = Diagnosis::Trouble::configuration;
  return Error{Errc::misconfigured, *loaded.error};
}

// Whose token is asked for, told to the trail and to who listens.
asio::awaitable<Result<Resolved>>
CredentialService::resolve(Route route, Inquiry inquiry, AuditEvent& trail)
{
  trail.provider = route.spec->name;
  const auto diagnosis = inquiry.asker->diagnosis;
  if (const auto settings = settings_.get();
      settings->loaded.origin == LoadedConfig::Origin::none && settings->loaded.error) {
    if (diagnosis) diagnosis->trouble = Diagnosis::Trouble::configuration;
    co_return Error{Errc::misconfigured, *settings->loaded.error};
  }

  const bool anonymous = may_be_anonymous(route, inquiry.key);
  auto resolved =
      co_await route.spec->provider->resolve(std::move(route.rule), inquiry.key, inquiry.asker);
  if (!resolved) {
    Error error = resolved.error();
    if (diagnosis && error.code == Errc::not_configured)
      diagnosis->trouble = Diagnosis::Trouble::no_source;
    co_return for_client(std::move(error), anonymous);
  }
  trail.source = resolved->source;
  co_return resolved;
}

asio::awaitable<Result<Handout>> CredentialService::minted(Route route,
                                                           Inquiry inquiry,
                                                           AuditEvent& trail,
                                                           std::optional<std::string> overridden)
{
  const BootTime give_up = clock_.now() + inquiry.patience;
  const auto diagnosis = inquiry.asker->diagnosis;
  const std::optional<Duration> wanted = min_remaining(route.rule);
  const bool anonymous = may_be_anonymous(route, inquiry.key);
  const NamedProvider provider{route.spec->name, route.spec->provider};
  std::string registry(inquiry.key.registry());
  auto resolved = co_await resolve(std::move(route), inquiry, trail);
  if (overridden) {
    if (auto brought = override_for(*overridden, resolved, inquiry, trail))
      co_return std::move(*brought);
  }
  if (!resolved) co_return resolved.error();
  if (resolved->at_hand) {
    // docker login stores again what it got from us, which is not to stand in its own way.
    tokens_.note_issued(resolved->at_hand->username, resolved->at_hand->secret,
                        clock_.now() + k_noted);
    co_return std::move(*resolved->at_hand);
  }
  const std::optional<Identity> told =
      diagnosis ? std::optional<Identity>(resolved->identity) : std::nullopt;
  const Demand demand(std::max(give_up - clock_.now(), Duration::zero()), wanted);
  auto handout = co_await tokens_.get(provider, std::move(*resolved), std::move(registry), demand);
  if (told) diagnosis->token = tokens_.view(provider, *told);
  if (!handout && diagnosis && handout.error().code == Errc::not_configured)
    diagnosis->trouble = Diagnosis::Trouble::no_source;
  if (!handout) co_return for_client(handout.error(), anonymous);
  co_return handout;
}

asio::awaitable<Refreshed> CredentialService::refresh(Inquiry inquiry, AuditEvent& trail)
{
  const auto space = asked_namespace(*inquiry.asker);
  Route found = route(inquiry.key);
  if (space && !locked() && found.spec != nullptr) {
    std::string overridden = Overrides::name(*space, inquiry.key.registry());
    co_return co_await renew(std::move(found), std::move(inquiry), trail, std::move(overridden));
  }
  const auto handout = co_await get(std::move(inquiry), trail);
  Refreshed refreshed;
  refreshed.renewable = false;
  if (!handout) refreshed.error = handout.error();
  co_return refreshed;
}

asio::awaitable<Refreshed>
CredentialService::renew(Route route, Inquiry inquiry, AuditEvent& trail, std::string overridden)
{
  const BootTime give_up = clock_.now() + inquiry.patience;
  const NamedProvider provider{route.spec->name, route.spec->provider};
  std::string registry(inquiry.key.registry());
  auto resolved = co_await resolve(std::move(route), inquiry, trail);
  Refreshed refreshed;
  if (override_for(overridden, resolved, inquiry, trail)) {
    refreshed.renewable = false;
    co_return refreshed;
  }
  if (!resolved) {
    refreshed.error = resolved.error();
    co_return refreshed;
  }
  if (resolved->at_hand) {
    refreshed.renewable = false;
    co_return refreshed;
  }
  const Identity identity = resolved->identity;
  refreshed.identity = TokenCache::label(identity);
  provider.provider->forgive(identity);
  const auto before = tokens_.view(provider, identity);
  const auto renewed = co_await tokens_.renew(provider, std::move(*resolved), std::move(registry),
                                              std::max(give_up - clock_.now(), Duration::zero()));
  if (!renewed) refreshed.error = renewed.error();
  refreshed.token = tokens_.view(provider, identity);
  refreshed.unchanged = renewed && before && before->life && refreshed.token &&
                        refreshed.token->life &&
                        refreshed.token->life->sent_at == before->life->sent_at;
  co_return refreshed;
}

asio::awaitable<Result<Handout>>
CredentialService::stored(std::string space, Inquiry inquiry, AuditEvent& trail)
{
  std::string key(inquiry.key.text());
  do {
    auto found = co_await with_timeout(clock_, inquiry.patience, store_.get(space, key));
    if (!found) {
      trail.provider = k_store;
      tell_stored(inquiry, Finding::State::failed,
                  store_.description() + ": " + found.error().what);
      co_return of_store(found.error(), inquiry.patience);
    }
    if (*found) {
      trail.provider = k_store;
      Credential credential = std::move(**found);
      tell_stored(inquiry, Finding::State::used,
                  "stored for " + key + ", user " + credential.username);
      Handout handout(std::move(credential.username), std::move(credential.secret));
      handout.space = std::move(space);
      handout.stored_as = std::move(key);
      co_return handout;
    }
  } while (!inquiry.key.opaque() && shorten(key, inquiry.key.registry().size()));
  tell_stored(inquiry, Finding::State::absent,
              store_.description() + ": nothing is stored for " + std::string(inquiry.key.text()) +
                  (space.empty() ? "" : " in the namespace " + space));
  co_return Error{Errc::not_configured, "nothing is stored and no rule claims it"};
}

asio::awaitable<Result<>>
CredentialService::store(Inquiry inquiry, Credential credential, AuditEvent& trail)
{
  auto space = asked_namespace(*inquiry.asker);
  if (!space) co_return space.error();
  if (locked()) co_return locked_error();
  Route found = route(inquiry.key);
  if (found.spec != nullptr) {
    trail.provider = "override";
    if (tokens_.issued(credential.username, credential.secret)) co_return Result<>{};
    const std::string name = Overrides::name(*space, inquiry.key.registry());
    auto resolved =
        co_await found.spec->provider->resolve(std::move(found.rule), inquiry.key, inquiry.asker);
    if (resolved && resolved->at_hand && same(*resolved->at_hand, credential)) co_return Result<>{};
    std::vector<std::string> names{name};
    if (resolved) names.push_back(Overrides::bound(name, resolved->identity));
    co_return overrides_.put(names, credential);
  }
  if (auto unknown = unknown_rule(inquiry)) co_return std::move(*unknown);
  trail.provider = k_store;
  auto stored = co_await with_timeout(
      clock_, inquiry.patience,
      store_.store(std::move(*space), std::string(inquiry.key.text()), std::move(credential)));
  if (!stored) co_return of_store(stored.error(), inquiry.patience);
  changed_();
  co_return stored;
}

asio::awaitable<Result<>> CredentialService::erase(Inquiry inquiry, AuditEvent& trail)
{
  auto space = asked_namespace(*inquiry.asker);
  if (!space) co_return space.error();
  if (locked()) co_return locked_error();
  Route found = route(inquiry.key);
  erased_(inquiry.key.registry());
  if (found.spec != nullptr) {
    const BootTime give_up = clock_.now() + inquiry.patience;
    trail.provider = found.spec->name;
    const std::string name = Overrides::name(*space, inquiry.key.registry());
    overrides_.erase(name);
    const NamedProvider provider{found.spec->name, found.spec->provider};
    auto resolved =
        co_await found.spec->provider->resolve(std::move(found.rule), inquiry.key, inquiry.asker);
    if (resolved) {
      overrides_.erase(Overrides::bound(name, resolved->identity));
      tokens_.erase(provider, resolved->identity);
    }
    co_await kept(give_up);
    co_return Result<>{}; // whose token it is may be unknown: then there is none to forget
  }
  trail.provider = k_store;
  auto erased = co_await with_timeout(
      clock_, inquiry.patience, store_.erase(std::move(*space), std::string(inquiry.key.text())));
  if (!erased) co_return of_store(erased.error(), inquiry.patience);
  erased_(inquiry.key.registry()); // and what was obtained meanwhile
  changed_();
  co_return erased;
}

asio::awaitable<Result<std::vector<StoredName>>>
CredentialService::list(std::shared_ptr<const Asker> asker, Duration patience)
{
  auto space = asked_namespace(*asker);
  if (!space) co_return space.error();
  if (locked()) co_return locked_error();
  auto names = co_await with_timeout(clock_, patience, store_.list(std::move(*space)));
  if (!names) co_return of_store(names.error(), patience);
  std::erase_if(*names, [this](const StoredName& name) { return !stored_answers(name.key); });
  co_return names;
}

asio::awaitable<Result<std::size_t>> CredentialService::clear(std::string space, Duration patience)
{
  if (locked()) co_return locked_error();
  const BootTime give_up = clock_.now() + patience;
  const std::size_t overrides = overrides_.clear(space);
  const auto cleared = co_await with_timeout(clock_, patience, store_.clear(std::move(space)));
  if (cleared && *cleared != 0) changed_();
  if (overrides != 0) co_await kept(give_up);
  if (!cleared) co_return of_store(cleared.error(), patience);
  co_return *cleared + overrides;
}

// A limit that passed knows nothing of the store, nor that no network is needed for it.
Error CredentialService::of_store(const Error& error, Duration limit) const
{
  Error said = said_of("the " + store_.description(), limit, error);
  if (said.what == error.what) return error;
  said.what += ": check the disk or the keyring that it is in";
  return with_remedy(std::move(said));
}

asio::awaitable<void> CredentialService::kept(BootTime give_up)
{
  if (kept_) co_await kept_(std::min<Duration>(k_kept_limit, give_up - clock_.now()));
}

} // namespace purser
