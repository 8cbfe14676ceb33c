#pragma once

#include "common/result.hpp"
#include "daemon/renewal/renewing.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/time/clock.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

// Answers in JSON, for people and scripts (docs/protocol.md).
namespace purser {

using Json = nlohmann::ordered_json;

// Text that is no UTF-8 (names come from files and paths) is replaced.
[[nodiscard]] ServerResponse json_response(unsigned status, const Json& json);
[[nodiscard]] ServerResponse json_error(unsigned status, Errc code, std::string_view message);
// With a status that fits the code, whom it was about (may be empty), when to try again, and
// what it is for scripts (failure_outcome.hpp; may be empty).
[[nodiscard]] ServerResponse json_failure(const Error& error,
                                          std::string_view host,
                                          const Clock& clock,
                                          std::string_view outcome = {});

// The refusal of a request that is not a POST of `path`; nothing where it is one.
[[nodiscard]] std::optional<ServerResponse> refuse_all_but_post(const ServerRequest& request,
                                                                std::string_view path);

[[nodiscard]] long long whole_seconds(Duration d);
// RFC 3339, UTC, whole seconds.
[[nodiscard]] std::string civil(WallTime at);
// The same of a moment that is near now.
[[nodiscard]] std::string civil(BootTime at, const Clock& clock);
// "fresh", "due", "critical", "expired"; "none" where there is no value.
[[nodiscard]] std::string_view state_name(const RenewalView& view, BootTime now);
// What doctor and refresh tell of a token; null where there is none.
[[nodiscard]] Json token_json(const RenewalView& token, const Clock& clock);

} // namespace purser
