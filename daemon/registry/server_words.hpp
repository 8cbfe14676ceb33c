#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace purser {

// What a registry or token endpoint said went wrong, for people: one line of at most 512 printable
// characters of ASCII; empty where it said nothing, or only HTML.
//
// From `errors` (OCI distribution specification 1.1, "Error Codes"), `error` and
// `error_description` (RFC 6749, 5.2), `details` or `message`, else the text itself. Each of
// `secrets`, and whatever looks like a token or a password by its letters and digits, is
// `[redacted]`; the test is a guess, so this is for error texts and not for logs.
[[nodiscard]] std::string server_words(std::string_view body,
                                       const std::vector<std::string_view>& secrets = {});

} // namespace purser
