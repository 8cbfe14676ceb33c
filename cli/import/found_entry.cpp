#include "cli/import/found_entry.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>

namespace purser::cli {
namespace {

constexpr std::size_t k_max_secret = std::size_t{256} << 10;
constexpr std::size_t k_max_username = std::size_t{4} << 10;

} // namespace

bool is_utf8(std::string_view text)
{
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

std::string trouble_of(const Login& login)
{
  const auto secret = login.secret.reveal();
  if (login.username.empty()) return "it has no user name";
  if (secret.empty()) return "it has no password";
  if (secret.size() > k_max_secret || login.username.size() > k_max_username)
    return "it is too large";
  if (!is_utf8(login.username) || !is_utf8(secret)) return "it is not UTF-8";
  return {};
}

} // namespace purser::cli
