#include "daemon/cache/token_cache.hpp"

#include "common/hex.hpp"
#include "daemon/observe/life_log.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

constexpr std::string_view k_issued_context = "issued";

// How many digests of tokens that we issued are remembered.
constexpr std::size_t k_max_issued = 2 * TokenCache::k_max_identities;

// Identities that are noted: all that are known, and some that have made room since.
constexpr std::size_t k_max_notes = TokenCache::k_max_identities + 256;

} // namespace

TokenCache::TokenCache(asio::any_io_executor ex,
                       Clock& clock,
                       Uniform uniform,
                       const SealingKey& key)
  : clock_(clock)
  , key_(key)
  , tokens_(
        std::move(ex),
        clock,
        std::move(uniform),
        [this](Key wanted) { return fetch(std::move(wanted)); },
        [](const Key& wanted) { return wanted.issuer; },
        k_max_identities)
{
  tokens_.on_event([this](const Key& of, const RenewalEvent& event) { log(of, event); });
}

std::string TokenCache::label(const Identity& identity)
{
  return hex(std::string_view(identity.digest).substr(0, 4));
}

asio::awaitable<Result<Handout>>
TokenCache::get(NamedProvider provider, Resolved resolved, std::string registry, Demand demand)
{
  Key key = noted(provider, std::move(resolved), registry);
  const std::string context = key.identity.digest;
  const auto sealed = co_await tokens_.get(std::move(key), demand);
  if (!sealed) co_return sealed.error();
  auto secret = key_.open((*sealed)->bytes, context);
  if (!secret) co_return secret.error();
  co_return Handout((*sealed)->username, std::move(*secret), (*sealed)->expires_at);
}

asio::awaitable<Result<RenewalView>> TokenCache::renew(NamedProvider provider,
                                                       Resolved resolved,
                                                       std::string registry,
                                                       Duration patience)
{
  const Key key = noted(provider, std::move(resolved), registry);
  const auto renewed = co_await tokens_.renew(key, patience);
  if (!renewed) co_return renewed.error();
  const auto view = tokens_.view(key);
  if (!view) co_return Error{Errc::transient, "the new token was erased meanwhile"};
  co_return *view;
}

TokenCache::Key
TokenCache::noted(const NamedProvider& provider, Resolved resolved, const std::string& registry)
{
  Key key{provider.name, provider.provider, std::move(resolved.identity),
          std::move(resolved.issuer)};
  note_use(key, resolved.source, registry);
  // One that was restored does not know yet who is asked.
  if (const Key* const known = tokens_.known(key); known && known->issuer != key.issuer)
    tokens_.adopt(key);
  if (resolved.changed) tokens_.forgive(key);
  return key;
}

void TokenCache::erase(const NamedProvider& provider, const Identity& identity)
{
  tokens_.erase(Key{provider.name, provider.provider, identity, {}});
}

void TokenCache::clear()
{
  std::vector<Key> known;
  tokens_.visit([&known](const Key& key, const RenewalView&) { known.push_back(key); });
  for (const Key& key : known)
    tokens_.erase(key);
  issued_in_order_.clear();
  issued_.clear();
}

bool TokenCache::issued(std::string_view username, const Secret& secret) const
{
  const auto found = issued_.find(issued_digest(username, secret));
  return found != issued_.end() && clock_.now() < found->second;
}

std::vector<TokenCache::Entry> TokenCache::entries() const
{
  std::vector<Entry> entries;
  tokens_.visit([&entries, this](const Key& key, const RenewalView& view) {
    Entry entry{key.provider, label(key.identity), {}, {}, view};
    fill_in_notes(key, entry);
    entries.push_back(std::move(entry));
  });
  return entries;
}

std::optional<RenewalView> TokenCache::view(const NamedProvider& provider,
                                            const Identity& identity) const
{
  return tokens_.view(Key{provider.name, provider.provider, identity, {}});
}

std::vector<KeptToken> TokenCache::kept() const
{
  std::vector<KeptToken> tokens;
  for (auto& [key, sealed, life, last_used] : tokens_.holdings()) {
    std::shared_ptr<const std::string> bytes(sealed, &sealed->bytes);
    KeptToken token{std::string(key.provider), key.identity.digest, {},   {},
                    sealed->username,          std::move(bytes),    life, last_used};
    fill_in_notes(key, token);
    tokens.push_back(std::move(token));
  }
  return tokens;
}

void TokenCache::restore(std::vector<KeptToken> tokens, const ProviderTable& providers)
{
  std::list<Holding<Key, SealedPtr>> holdings;
  for (KeptToken& token : tokens) {
    const ProviderSpec* const spec = providers.named(token.provider);
    const auto secret = key_.open(*token.sealed, token.identity);
    if (spec == nullptr || !secret) continue;
    note_issued(token.username, *secret, token.life.expires_at);
    Key key{spec->name, spec->provider, Identity(std::move(token.identity)), {}};
    for (const auto& registry : token.registries)
      note_use(key, token.source, registry);
    auto sealed = std::make_shared<Sealed>();
    sealed->username = std::move(token.username);
    sealed->bytes = *token.sealed;
    sealed->expires_at = token.life.expires_at;
    holdings.emplace_back(std::move(key), std::move(sealed), token.life, token.last_used);
  }
  tokens_.restore(std::move(holdings));
}

asio::awaitable<Result<Fetched<TokenCache::SealedPtr>>> TokenCache::fetch(Key key)
{
  auto token = co_await key.source->fetch(key.identity);
  if (!token) co_return token.error();
  if (const auto held = tokens_.view(key);
      held && held->life && freshness(*held->life, clock_.now()) != Freshness::expired) {
    const auto proven = co_await key.source->prove(key.identity, *token);
    if (!proven) co_return proven.error();
  }
  note_issued(token->username, token->secret, token->sent_at + token->life);
  auto sealed = std::make_shared<Sealed>();
  sealed->username = token->username;
  sealed->bytes = key_.seal(token->secret.reveal(), key.identity.digest);
  sealed->expires_at = token->sent_at + token->life;
  co_return Fetched<SealedPtr>(std::move(sealed), token->sent_at, token->life);
}

std::string TokenCache::issued_digest(std::string_view username, const Secret& secret) const
{
  FieldList fields;
  fields.add(k_issued_context).add(username).add(secret.reveal());
  return key_.digest(fields.text());
}

void TokenCache::note_issued(std::string_view username, const Secret& secret, BootTime expires_at)
{
  const auto [noted, is_new] =
      issued_.insert_or_assign(issued_digest(username, secret), expires_at);
  if (!is_new) return;
  issued_in_order_.push_back(noted);
  if (issued_in_order_.size() <= k_max_issued) return;
  issued_.erase(issued_in_order_.front());
  issued_in_order_.pop_front();
}

void TokenCache::log(const Key& key, const RenewalEvent& event)
{
  // What was restored has nobody yet who could renew it: that is as it should be, and said once.
  if (event.error && event.error->code == Errc::expired_source && key.issuer.empty()) {
    if (!std::exchange(told_of_restored_, true))
      spdlog::info("restored tokens are renewed once somebody asks for them");
    return;
  }
  std::string who = "token " + label(key.identity) + " (" + std::string(key.provider);
  if (const auto notes = notes_.find(key); notes != notes_.end() && !notes->second.source.empty())
    who += ", " + notes->second.source;
  const LifeLine line = life_line(who + ")", event, clock_.now());
  spdlog::log(line.level, "{}", line.text);
}

template <class Told>
void TokenCache::fill_in_notes(const Key& key, Told& told) const
{
  const auto notes = notes_.find(key);
  if (notes == notes_.end()) return;
  told.source = notes->second.source;
  told.registries.assign(notes->second.registries.begin(), notes->second.registries.end());
}

void TokenCache::note_use(const Key& key, const std::string& source, const std::string& registry)
{
  if (notes_.size() >= k_max_notes)
    std::erase_if(notes_, [this](const auto& of) { return tokens_.known(of.first) == nullptr; });
  Notes& notes = notes_[key];
  notes.source = source;
  if (notes.registries.size() < k_max_registries_named) notes.registries.insert(registry);
}

} // namespace purser
