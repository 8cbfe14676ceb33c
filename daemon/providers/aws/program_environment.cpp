#include "daemon/providers/aws/program_environment.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <utility>

namespace purser::aws {
namespace {

constexpr std::array<std::string_view, 5> k_secrets{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                                    "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
                                                    "AWS_CONTAINER_AUTHORIZATION_TOKEN"};
constexpr std::array<std::string_view, 16> k_others{
    "HOME",          "HTTP_PROXY",     "http_proxy",      "HTTPS_PROXY",
    "https_proxy",   "NO_PROXY",       "no_proxy",        "SSL_CERT_FILE",
    "SSL_CERT_DIR",  "XDG_CACHE_HOME", "XDG_CONFIG_DIRS", "XDG_CONFIG_HOME",
    "XDG_DATA_DIRS", "XDG_DATA_HOME",  "XDG_RUNTIME_DIR", "XDG_STATE_HOME"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name)
{
  return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace

bool is_for_programs(std::string_view name)
{
  return name.starts_with("AWS_") ? !contains(k_secrets, name) : contains(k_others, name);
}

std::vector<std::string> program_environment(const Standpoint& standpoint,
                                             const std::vector<std::string>& own)
{
  std::map<std::string, std::string, std::less<>> variables;
  standpoint.visit([&variables](std::string_view name, std::string_view value) {
    if (is_for_programs(name)) variables.emplace(name, value);
  });
  if (auto home = standpoint.home()) variables.emplace("HOME", std::move(*home));
  for (const auto& entry : own) {
    const auto equals = entry.find('=');
    variables.insert_or_assign(entry.substr(0, equals), entry.substr(equals + 1));
  }
  std::vector<std::string> entries;
  entries.reserve(variables.size());
  for (const auto& [name, value] : variables)
    entries.push_back(std::string(name).append("=").append(value));
  return entries;
}

} // namespace purser::aws
