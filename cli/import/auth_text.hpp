#pragma once

#include "cli/programs/login.hpp"
#include "common/result.hpp"

#include <string_view>

namespace purser::cli {

// What an `auth` of docker's configuration says: base64 of `user:password`. The password may hold
// colons; NUL bytes around it do not count. Errors are half a sentence, for a person, and quote
// nothing: "its auth is not base64".
//
// Source: docker/cli, cli/config/configfile/file.go, decodeAuth; encoding/base64, StdEncoding.
[[nodiscard]] Result<Login> decode_auth(std::string_view text);

} // namespace purser::cli
