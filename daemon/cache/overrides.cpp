#include "daemon/cache/overrides.hpp"

#include "common/wiping.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

namespace purser {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_max_password = std::size_t{64} << 10;
constexpr std::string_view k_expiration_name = "\"expiration\":";

// The decoded text; empty where `text` is not base64.
WipingBuffer base64_decoded(std::string_view text)
{
  if (text.empty() || text.size() % 4 != 0 || text.size() > k_max_password) return {};
  WipingBuffer decoded(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return {};
  decoded.resize(static_cast<std::size_t>(size));
  return decoded;
}

} // namespace

// The object is flat and written by one program, and all that is wanted is one
// number: a parser would only spread copies of the rest.
std::optional<long long> ecr_password_expiration(const Secret& password)
{
  const WipingBuffer decoded = base64_decoded(password.reveal());
  const std::string_view text(decoded.data(), decoded.size());
  if (!text.starts_with('{')) return std::nullopt;
  const auto at = text.find(k_expiration_name);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = text.substr(at + k_expiration_name.size());
  while (rest.starts_with(' '))
    rest.remove_prefix(1);
  long long seconds = 0;
  const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), seconds);
  if (problem != std::errc{} || seconds <= 0) return std::nullopt;
  return seconds;
}

Result<> Overrides::put(const std::string& registry, const Credential& credential)
{
  drop_expired();
  Duration life = k_default_life;
  if (const auto end = ecr_password_expiration(credential.secret)) {
    const auto wall =
        std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch());
    const auto left = std::chrono::seconds(*end) - wall;
    if (left <= 0s) return Error{Errc::rejected, "the password has already expired; get a new one"};
    life = std::min(left, std::chrono::duration_cast<std::chrono::seconds>(k_default_life));
  }
  if (held_.size() >= k_max && !held_.contains(registry))
    return with_remedy({Errc::transient, "too many overrides are held; log out of one"});
  held_[registry] = Sealed{credential.username, key_.seal(credential.secret.reveal(), registry),
                           clock_.now() + life};
  changed_();
  return {};
}

void Overrides::erase(const std::string& registry)
{
  if (held_.erase(registry) != 0) changed_();
}

std::vector<KeptOverride> Overrides::kept() const
{
  std::vector<KeptOverride> overrides;
  for (const auto& [registry, held] : held_)
    if (clock_.now() < held.expires_at)
      overrides.push_back(KeptOverride{registry, held.username, held.bytes, held.expires_at});
  return overrides;
}

void Overrides::restore(std::vector<KeptOverride> overrides)
{
  for (KeptOverride& kept : overrides) {
    if (held_.size() >= k_max) return;
    if (!key_.open(kept.sealed, kept.registry)) continue;
    held_[kept.registry] =
        Sealed{std::move(kept.username), std::move(kept.sealed), kept.expires_at};
  }
}

std::optional<Credential> Overrides::find(const std::string& registry)
{
  drop_expired();
  const auto found = held_.find(registry);
  if (found == held_.end()) return std::nullopt;
  auto secret = key_.open(found->second.bytes, registry);
  if (!secret) return std::nullopt;
  return Credential(found->second.username, std::move(*secret));
}

std::optional<BootTime> Overrides::end_of(const std::string& registry) const
{
  const auto found = held_.find(registry);
  return found == held_.end() ? std::nullopt : std::optional(found->second.expires_at);
}

void Overrides::drop_expired()
{
  const BootTime now = clock_.now();
  std::erase_if(held_, [now](const auto& entry) { return entry.second.expires_at <= now; });
}

} // namespace purser
