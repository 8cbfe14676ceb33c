#include "daemon/cache/token_cache.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

constexpr std::string_view k_issued_context = "issued";

// How many digests of tokens that we issued are remembered.
constexpr std::size_t k_max_issued = 2 * TokenCache::k_max_identities;

std::string short_hex(std::string_view digest)
{
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : digest.substr(0, 4)) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

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
        k_max_identities)
{
}

asio::awaitable<Result<Handout>>
TokenCache::get(NamedProvider provider, Resolved resolved, std::string registry, Duration patience)
{
  Key key{provider.name, provider.provider, std::move(resolved.identity)};
  note_use(key, resolved.source, registry);
  if (resolved.changed) tokens_.forgive(key);
  const std::string context = key.identity.digest;
  const auto sealed = co_await tokens_.get(std::move(key), patience);
  if (!sealed) co_return sealed.error();
  auto secret = key_.open((*sealed)->bytes, context);
  if (!secret) co_return secret.error();
  co_return Handout((*sealed)->username, std::move(*secret));
}

void TokenCache::erase(const NamedProvider& provider, const Identity& identity)
{
  tokens_.erase(Key{provider.name, provider.provider, identity});
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
    Entry entry{key.provider, short_hex(key.identity.digest), {}, {}, view};
    if (const auto notes = notes_.find(key); notes != notes_.end()) {
      entry.source = notes->second.source;
      entry.registries.assign(notes->second.registries.begin(), notes->second.registries.end());
    }
    entries.push_back(std::move(entry));
  });
  return entries;
}

std::optional<RenewalView> TokenCache::view(const NamedProvider& provider,
                                            const Identity& identity) const
{
  const Key wanted{provider.name, provider.provider, identity};
  std::optional<RenewalView> found;
  tokens_.visit([&found, &wanted](const Key& key, const RenewalView& view) {
    if ((key <=> wanted) == 0) found = view;
  });
  return found;
}

asio::awaitable<Result<Fetched<TokenCache::SealedPtr>>> TokenCache::fetch(Key key)
{
  auto token = co_await key.source->fetch(key.identity);
  if (!token) {
    spdlog::warn("renewal failed for entry {}: {}", short_hex(key.identity.digest),
                 token.error().what);
    co_return token.error();
  }
  note_issued(*token);
  spdlog::info("obtained a token for entry {} ({}), alive for {} s", short_hex(key.identity.digest),
               key.provider, std::chrono::duration_cast<std::chrono::seconds>(token->life).count());
  auto sealed = std::make_shared<Sealed>();
  sealed->username = token->username;
  sealed->bytes = key_.seal(token->secret.reveal(), key.identity.digest);
  co_return Fetched<SealedPtr>(std::move(sealed), token->sent_at, token->life);
}

std::string TokenCache::issued_digest(std::string_view username, const Secret& secret) const
{
  FieldList fields;
  fields.add(k_issued_context).add(username).add(secret.reveal());
  return key_.digest(fields.text());
}

void TokenCache::note_issued(const Token& token)
{
  const BootTime now = clock_.now();
  if (issued_.size() >= k_max_issued) {
    std::erase_if(issued_, [now](const auto& entry) { return entry.second <= now; });
    if (issued_.size() >= k_max_issued) issued_.erase(issued_.begin());
  }
  issued_[issued_digest(token.username, token.secret)] = token.sent_at + token.life;
}

void TokenCache::note_use(const Key& key, const std::string& source, const std::string& registry)
{
  if (notes_.size() >= 2 * k_max_identities) notes_.clear(); // they serve status only
  Notes& notes = notes_[key];
  notes.source = source;
  if (notes.registries.size() < k_max_registries_named) notes.registries.insert(registry);
}

} // namespace purser
