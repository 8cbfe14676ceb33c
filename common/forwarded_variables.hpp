#pragma once

#include <algorithm>
#include <array>
#include <string_view>

// The variables of its caller that a helper sends to the daemon (docs/protocol.md): those with
// one of these prefixes, and those of these names. Needs no library, so that the helper can
// use it.
namespace purser {

inline constexpr std::array<std::string_view, 10> k_forwarded_prefixes{
    "AWS_",      "GOOGLE_", "CLOUDSDK_", "GCE_METADATA_", "AZURE_",
    "IDENTITY_", "MSI_",    "PURSER_",   "XDG_",          "ACTIONS_ID_TOKEN_"};
inline constexpr std::array<std::string_view, 15> k_forwarded_names{
    "GITHUB_TOKEN",  "CI_JOB_TOKEN", "HOME",       "DOCKER_CONFIG", "REGISTRY_AUTH_FILE",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "http_proxy",    "HTTPS_PROXY",
    "https_proxy",   "ALL_PROXY",    "all_proxy",  "NO_PROXY",      "no_proxy"};

[[nodiscard]] constexpr bool is_forwarded(std::string_view name)
{
  return std::any_of(k_forwarded_prefixes.begin(), k_forwarded_prefixes.end(),
                     [name](std::string_view prefix) { return name.starts_with(prefix); }) ||
         std::find(k_forwarded_names.begin(), k_forwarded_names.end(), name) !=
             k_forwarded_names.end();
}

static_assert(is_forwarded("AWS_PROFILE") && is_forwarded("HOME") && !is_forwarded("HOMEWORK"));

} // namespace purser
