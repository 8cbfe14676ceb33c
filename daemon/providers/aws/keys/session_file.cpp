#include "daemon/providers/aws/keys/session_file.hpp"

#include "daemon/config/small_file.hpp"

#include <openssl/evp.h>

#include <array>
#include <utility>

namespace purser::aws {
namespace {

constexpr std::size_t k_max_file = std::size_t{256} << 10;

void wipe(std::string& text)
{
  // NOLINTNEXTLINE(clang-analyzer-cplusplus.InnerPointer): nothing of it was freed
  ::explicit_bzero(text.data(), text.size());
}

} // namespace

std::string session_file_name(std::string_view text, const EVP_MD* digest)
{
  constexpr std::string_view k_hex = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), bytes.data(), &size, digest, nullptr);
  std::string name;
  for (unsigned i = 0; i < size; ++i) {
    name += k_hex[bytes.at(i) >> 4U];
    name += k_hex[bytes.at(i) & 15U];
  }
  return name + ".json";
}

Result<std::unique_ptr<WipedJson>> read_session_file(const std::string& path)
{
  auto text = read_own_file(path, k_max_file);
  if (!text) return text.error();
  if (!*text) return std::unique_ptr<WipedJson>();
  auto json = std::make_unique<WipedJson>(**text);
  wipe(**text);
  return json;
}

Result<std::optional<Secret>> edited_session_file(const std::string& path,
                                                  const Secret& refresh_token,
                                                  const std::function<void(nlohmann::json&)>& edit)
{
  const auto json = read_session_file(path);
  if (!json) return json.error();
  if (!*json || !(*json)->is_object()) return std::optional<Secret>();
  if ((*json)->text("refreshToken") != refresh_token.reveal()) return std::optional<Secret>();
  edit((*json)->json());
  std::string written =
      (*json)->json().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::optional<Secret> text(std::in_place, written);
  wipe(written);
  return text;
}

} // namespace purser::aws
