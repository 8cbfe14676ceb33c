#include "daemon/providers/aws/keys/sso_token.hpp"

#include "daemon/config/small_file.hpp"
#include "daemon/providers/aws/iso_time.hpp"
#include "daemon/providers/aws/wiped_json.hpp"

#include <openssl/evp.h>

#include <array>
#include <ctime>

namespace purser::aws {
namespace {

constexpr std::size_t k_max_file = std::size_t{256} << 10;

// As the aws command writes it.
std::string iso_text(WallTime time)
{
  const std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

void wipe(std::string& text)
{
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.InnerPointer): nothing of it was freed
  ::explicit_bzero(text.data(), text.size());
}

Result<std::optional<std::string>> read_text(const std::string& path)
{
  return read_own_file(path, k_max_file);
}

} // namespace

std::string sso_token_file(std::string_view session_or_url)
{
  constexpr std::string_view k_hex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(session_or_url.data(), session_or_url.size(), digest.data(), &size, EVP_sha1(),
             nullptr);
  std::string name = ".aws/sso/cache/";
  for (unsigned i = 0; i < size; ++i) {
    name += k_hex[digest.at(i) >> 4U];
    name += k_hex[digest.at(i) & 15U];
  }
  return name + ".json";
}

Result<std::optional<SsoToken>> read_sso_token(const std::string& path)
{
  auto text = read_text(path);
  if (!text) return text.error();
  if (!*text) return std::optional<SsoToken>{};
  const WipedJson json(**text);
  wipe(**text);
  const auto access = json.is_object() ? json.text("accessToken") : std::string_view{};
  const auto expires_at = parse_iso_time(json.is_object() ? json.text("expiresAt") : "");
  if (access.empty() || !expires_at) return std::optional<SsoToken>{};
  SsoToken token;
  token.access_token = Secret(access);
  token.expires_at = *expires_at;
  token.refresh_token = Secret(json.text("refreshToken"));
  token.client_id = json.text("clientId");
  token.client_secret = Secret(json.text("clientSecret"));
  token.registered_until = parse_iso_time(json.text("registrationExpiresAt"));
  return std::optional(std::move(token));
}

Result<> write_sso_token(const std::string& path,
                         std::string_view old_refresh_token,
                         const RenewedSsoToken& token)
{
  auto text = read_text(path);
  if (!text) return text.error();
  if (!*text) return {}; // logged out meanwhile
  WipedJson json(**text);
  wipe(**text);
  if (!json.is_object() || json.text("refreshToken") != old_refresh_token) return {};
  json.json()["accessToken"] = std::string(token.access_token.reveal());
  json.json()["expiresAt"] = iso_text(token.expires_at);
  if (token.refresh_token.empty())
    json.json().erase("refreshToken");
  else
    json.json()["refreshToken"] = std::string(token.refresh_token.reveal());
  std::string written = json.json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  auto done = replace_file(path, written);
  wipe(written);
  return done;
}

} // namespace purser::aws
