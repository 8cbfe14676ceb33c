#include "cli/import/auth_text.hpp"

#include "common/ascii.hpp"
#include "common/wiping.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace purser::cli {
namespace {

constexpr std::string_view k_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t k_group = 4;

// Four letters are three bytes; the last group may have less, and says so with `=`.
bool append_group(WipingBuffer& out, std::string_view group, bool last)
{
  const auto padding = group.size() - group.substr(0, group.find('=')).size();
  if (padding > 2 || (padding != 0 && !last)) return false;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < k_group; ++i) {
    const bool padded = i >= k_group - padding;
    const auto value = padded ? 0 : k_alphabet.find(group[i]);
    if (value == std::string_view::npos || (padded && group[i] != '=')) return false;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
  }
  for (std::size_t i = 0; i < 3 - padding; ++i)
    out.push_back(static_cast<char>(bits >> (16U - 8U * i) & 0xffU));
  return true;
}

std::optional<WipingBuffer> decode_base64(std::string_view text)
{
  WipingBuffer letters;
  for (const char c : text) // Go passes over these
    if (c != '\r' && c != '\n') letters.push_back(c);
  if (letters.size() % k_group != 0) return std::nullopt;
  WipingBuffer bytes;
  bytes.reserve(letters.size());
  for (std::size_t i = 0; i < letters.size(); i += k_group)
    if (!append_group(bytes, {letters.data() + i, k_group}, i + k_group == letters.size()))
      return std::nullopt;
  return bytes;
}

} // namespace

Result<Login> decode_auth(std::string_view text)
{
  const auto bytes = decode_base64(text);
  if (!bytes) return Error(Errc::misconfigured, "its auth is not base64");
  const std::string_view decoded(bytes->data(), bytes->size());
  const auto colon = decoded.find(':');
  if (colon == std::string_view::npos)
    return Error(Errc::misconfigured, "its auth has no colon between user name and password");
  const auto password = trimmed(decoded.substr(colon + 1), std::string_view("\0", 1));
  return Login(std::string(decoded.substr(0, colon)), Secret(password));
}

} // namespace purser::cli
