#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/formats/wiped_json.hpp"

#include <openssl/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

// The JSON files in which the aws command keeps sessions, and which it shares with all tools.
// Calls that name a path block.
namespace purser::aws {

// `<hexadecimal digest of the text>.json`
[[nodiscard]] std::string session_file_name(std::string_view text, const EVP_MD* digest);

// What the file holds, perhaps no JSON at all; null where there is none. misconfigured where
// it cannot be read.
[[nodiscard]] Result<std::unique_ptr<WipedJson>> read_session_file(const std::string& path);

// What the file has to hold after `edit` changed it, with all that is there besides. Nothing where
// the refresh token in it is not `refresh_token` any more: somebody else renewed the session
// meanwhile, or began or ended one. ProgramBroker::keep_session() writes it.
[[nodiscard]] Result<std::optional<Secret>>
edited_session_file(const std::string& path,
                    const Secret& refresh_token,
                    const std::function<void(nlohmann::json&)>& edit);

} // namespace purser::aws
