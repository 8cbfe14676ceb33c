#include "daemon/registry/token_grant.hpp"

#include "common/ascii.hpp"
#include "daemon/formats/iso_time.hpp"
#include "daemon/formats/wiped_json.hpp"
#include "daemon/registry/jwt_claims.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <string>

namespace purser {
namespace {

using namespace std::chrono_literals;

constexpr Duration k_life_unsaid = 60s; // "Token Authentication Specification", expires_in
constexpr Duration k_longest_life = 24h;
constexpr std::size_t k_max_token = std::size_t{64} << 10; // no server takes a header that long

Error nonsense(std::string_view host, std::string_view what)
{
  std::string text = "the token endpoint at ";
  text += host;
  text += ' ';
  text += what;
  return Error{Errc::protocol_error, std::move(text)};
}

bool is_token68(std::string_view text)
{
  text = text.substr(0, text.find_last_not_of('=') + 1);
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/").find(c) != std::string_view::npos;
  });
}

// A member that is missing, null or empty is the empty text.
Result<std::string_view> text_of(WipedJson& answer, const char* name, std::string_view host)
{
  const auto found = answer.json().find(name);
  if (found == answer.json().end() || found->is_null()) return std::string_view{};
  if (found->is_string()) return answer.text(name);
  return nonsense(host, std::string("sent a ") + name + " that is no text");
}

// `token` goes before `access_token` where both are given.
Result<std::string_view> token_of(WipedJson& answer, std::string_view host)
{
  const auto token = text_of(answer, "token", host);
  const auto access_token = text_of(answer, "access_token", host);
  if (!token) return token.error();
  if (!access_token) return access_token.error();
  const auto chosen = token->empty() ? *access_token : *token;
  if (chosen.empty()) {
    return Error{Errc::rejected, "the token endpoint at " + std::string(host) +
                                     " returned no token: it refuses what was asked"};
  }
  if (chosen.size() > k_max_token || !is_token68(chosen))
    return nonsense(host, "sent a token that has no place in a header");
  return chosen;
}

// Seconds as a number or as its text.
std::optional<double> seconds_of(const nlohmann::json& value)
{
  if (value.is_number()) return value.get<double>();
  const auto* text = value.get_ptr<const std::string*>();
  if (text == nullptr) return std::nullopt;
  double seconds = 0;
  const auto* const end = text->data() + text->size();
  const auto [stopped, bad] = std::from_chars(text->data(), end, seconds);
  if (bad != std::errc() || stopped != end || !std::isfinite(seconds)) return std::nullopt;
  return seconds;
}

// `expires_in`, at most 24 h. Not positive where it has passed.
Result<std::optional<Duration>> said_life(WipedJson& answer, std::string_view host)
{
  const auto found = answer.json().find("expires_in");
  if (found == answer.json().end() || found->is_null()) return std::optional<Duration>{};
  const auto seconds = seconds_of(*found);
  if (!seconds) return nonsense(host, "sent an expires_in that is no number");
  constexpr auto k_most = static_cast<double>(std::chrono::seconds(k_longest_life / 1s).count());
  const auto whole = static_cast<long long>(std::clamp(*seconds, -1.0, k_most));
  return std::optional<Duration>(std::chrono::seconds(whole));
}

// By `issued_at`, as far as it can be believed: not where it says that all is over.
Duration shortened(Duration life, std::string_view issued_at, WallTime server_now)
{
  const auto issued = parse_iso_time(issued_at);
  if (!issued) return life;
  const Duration left = *issued + life - server_now;
  return left <= Duration::zero() ? life : std::min(life, left);
}

Result<Duration>
life_of(WipedJson& answer, const JwtClaims& claims, std::string_view host, WallTime server_now)
{
  const auto said = said_life(answer, host);
  if (!said) return said.error();
  const bool jwt_ends = claims.expires_at.has_value();
  auto life = said->value_or(jwt_ends ? k_longest_life : k_life_unsaid);
  if (*said || !jwt_ends) life = shortened(life, answer.text("issued_at"), server_now);
  life = std::min(life, Duration(claims.expires_at.value_or(WallTime::max()) - server_now));
  if (life <= Duration::zero()) return nonsense(host, "sent a token that has already expired");
  return life;
}

std::optional<ScopeSet> granted_by(WipedJson& answer, JwtClaims claims)
{
  const auto said = answer.text("scope");
  if (!said.empty()) {
    if (auto scope = ScopeSet::parse(said)) return std::move(*scope);
  }
  return std::move(claims.access);
}

Result<std::optional<Secret>> refresh_token_of(WipedJson& answer, std::string_view host)
{
  const auto text = text_of(answer, "refresh_token", host);
  if (!text) return text.error();
  if (text->empty()) return std::optional<Secret>{};
  // RFC 6749, A.17: 1*VSCHAR
  const bool clean =
      std::all_of(text->begin(), text->end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!clean || text->size() > k_max_token)
    return nonsense(host, "sent a refresh token with characters that none has");
  return std::optional<Secret>(Secret(*text));
}

} // namespace

Result<TokenGrant> parse_token_grant(const Secret& body, std::string_view host, WallTime server_now)
{
  WipedJson answer(body.reveal());
  if (!answer.is_object()) {
    const bool html = trimmed(body.reveal()).starts_with('<');
    return nonsense(host, html ? "answered with HTML: a proxy or a log-in page may stand before it"
                               : "did not answer with a JSON object");
  }
  const auto token = token_of(answer, host);
  if (!token) return token.error();
  auto claims = read_jwt_claims(*token).value_or(JwtClaims{});
  const auto life = life_of(answer, claims, host, server_now);
  if (!life) return life.error();
  auto refresh_token = refresh_token_of(answer, host);
  if (!refresh_token) return refresh_token.error();
  return TokenGrant(Secret(*token), *life, granted_by(answer, std::move(claims)),
                    std::move(*refresh_token));
}

} // namespace purser
