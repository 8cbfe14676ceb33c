#pragma once

#include "common/registry_key.hpp"
#include "common/result.hpp"
#include "common/secret.hpp"
#include "common/wiping.hpp"
#include "daemon/providers/asker.hpp"
#include "daemon/store/credential_store.hpp"

#include <string>
#include <string_view>
#include <vector>

// What the docker-credential protocol says, as bytes and as types. Source:
// docker/docker-credential-helpers, credentials/credentials.go.
namespace purser::docker {

// The body of a helper's request (docs/protocol.md), taken apart. The views point into
// the body; `asker` owns what it holds.
struct HelperBody {
  Environment env;
  std::string cwd;
  std::string_view input; // the helper's standard input
};
// bad_request where the body is not of that form.
[[nodiscard]] Result<HelperBody> parse_helper_body(std::string_view body);

// `text` without the blanks and line ends around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

// What `store` brings.
struct StoreMessage {
  WipingBuffer server_url;
  WipingBuffer username;
  WipingBuffer secret;
};
// One JSON object whose members ServerURL, Username and Secret are strings; names
// compare without regard to case, as Go does, and none may come twice. Other members
// are ignored. bad_request otherwise; the text is never quoted.
[[nodiscard]] Result<StoreMessage> parse_store_message(std::string_view json);

// `{"ServerURL":...,"Username":...,"Secret":...}` and a line feed.
[[nodiscard]] WipingBuffer
credential_json(std::string_view server_url, std::string_view username, const Secret& secret);

// `{"KEY":"username",...}` and a line feed; at most `most` bytes, whole members only.
[[nodiscard]] WipingBuffer list_json(const std::vector<StoredName>& names, std::size_t most);

// Where what was asked for is none.
[[nodiscard]] const Error& no_registry();

// What went wrong and what to do about it.
[[nodiscard]] std::string explained(const Error& error);

// The one line that a docker user sees: host, cause, and what to do. Never docker's "not found"
// sentence, no control characters, at most k_max_line bytes.
inline constexpr std::size_t k_max_line = 1024;
[[nodiscard]] std::string error_line(std::string_view host, const Error& error);

} // namespace purser::docker
