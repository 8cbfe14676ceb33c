#pragma once

#include <string_view>

// The sentences that docker and its kin compare byte for byte.
// Source: docker/docker-credential-helpers, credentials/error.go.
namespace purser::docker_words {

inline constexpr std::string_view k_not_found = "credentials not found in native keychain";
inline constexpr std::string_view k_no_server_url = "no credentials server URL";
inline constexpr std::string_view k_no_username = "no credentials username";

// The user name of a credential whose secret is an identity token.
inline constexpr std::string_view k_identity_token = "<token>";

} // namespace purser::docker_words
