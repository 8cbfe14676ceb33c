#include "daemon/cache/overrides.hpp"

#include "common/hex.hpp"
#include "common/wiping.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>

namespace purser {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_max_password = std::size_t{64} << 10;
constexpr char k_bound = '#'; // in no registry, and in no namespace
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

bool is_bound(std::string_view name)
{
  return name.find(k_bound) != std::string_view::npos;
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

std::string Overrides::name(const std::string& space, std::string_view registry)
{
  return space.empty() ? std::string(registry) : space + "/" + std::string(registry);
}

std::string Overrides::bound(const std::string& name, const Identity& identity)
{
  return name + k_bound + hex(identity.digest);
}

Result<> Overrides::put(const std::vector<std::string>& names, const Credential& credential)
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
  const auto is_new = [this](const std::string& name) { return !held_.contains(name); };
  const auto more = std::count_if(names.begin(), names.end(), is_new);
  if (held_.size() + static_cast<std::size_t>(more) > k_max)
    return with_remedy({Errc::transient, "too many overrides are held; log out of one"});
  for (const std::string& name : names)
    held_[name] = Sealed{credential.username, key_.seal(credential.secret.reveal(), name),
                         clock_.now() + life};
  changed_();
  return {};
}

void Overrides::erase(const std::string& name)
{
  if (held_.erase(name) != 0) changed_();
}

std::size_t Overrides::clear(const std::string& space)
{
  const std::string begin = name(space, "");
  std::size_t registries = 0;
  const std::size_t cleared = std::erase_if(held_, [&](const auto& entry) {
    if (!entry.first.starts_with(begin)) return false;
    if (!is_bound(entry.first)) ++registries;
    return true;
  });
  if (cleared != 0) changed_();
  return registries;
}

void Overrides::clear_all()
{
  held_.clear();
  changed_();
}

std::map<std::string, std::size_t> Overrides::spaces() const
{
  std::map<std::string, std::size_t> sizes;
  for (const auto& [name, held] : held_)
    if (const auto slash = name.find('/');
        slash != std::string::npos && !is_bound(name) && clock_.now() < held.expires_at)
      ++sizes[name.substr(0, slash)];
  return sizes;
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

std::optional<Credential> Overrides::find(const std::string& name)
{
  drop_expired();
  const auto found = held_.find(name);
  if (found == held_.end()) return std::nullopt;
  auto secret = key_.open(found->second.bytes, name);
  if (!secret) return std::nullopt;
  return Credential(found->second.username, std::move(*secret));
}

std::optional<BootTime> Overrides::end_of(const std::string& name) const
{
  const auto found = held_.find(name);
  return found == held_.end() ? std::nullopt : std::optional(found->second.expires_at);
}

void Overrides::drop_expired()
{
  const BootTime now = clock_.now();
  std::erase_if(held_, [now](const auto& entry) { return entry.second.expires_at <= now; });
}

} // namespace purser
