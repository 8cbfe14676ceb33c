#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace purser {

// A token endpoint's answer other than 2xx, as an error with the server's own words in it (see
// server_words()). `sent` are the secrets of the request, which servers repeat at times.
//
// rejected: 401, and `invalid_grant` (RFC 6749, 5.2). forbidden: 403. throttled: 429. transient:
// 408 and 5xx. unsafe: a redirect. protocol_error: all others; 400, 404 and 405 are how an
// endpoint says that it does not have this way of asking.
[[nodiscard]] Error token_refusal(unsigned status,
                                  const Secret& body,
                                  std::optional<Duration> retry_after,
                                  std::string_view host,
                                  const std::vector<std::string_view>& sent = {});

} // namespace purser
