#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/providers/aws/aws_error.hpp"
#include "daemon/providers/aws/aws_keys.hpp"
#include "daemon/renewal/renewing.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace purser::aws {

// Keys that somebody issued, and until when by the issuer's clock; nothing where it did not say.
struct IssuedKeys {
  IssuedKeys(AwsKeys k, std::optional<WallTime> e) : keys(std::move(k)), expires_at(e) {}

  AwsKeys keys;
  std::optional<WallTime> expires_at;
};

// What an issuer was asked for.
using Obtained = Result<Fetched<IssuedKeys>>;

// Understands an answer with one of the parsers beside this. Keys without an end live an hour
// here; keys that have expired live zero or less. Errors name the host.
[[nodiscard]] Obtained read_any_keys(const HttpResponse& response,
                                     BootTime sent_at,
                                     Result<IssuedKeys> (*parse)(std::string_view),
                                     const Attempt& asked,
                                     const Clock& clock);
// The same, but keys that have expired are an error.
[[nodiscard]] Obtained read_issued_keys(const HttpResponse& response,
                                        BootTime sent_at,
                                        Result<IssuedKeys> (*parse)(std::string_view),
                                        const Attempt& asked,
                                        const Clock& clock);

} // namespace purser::aws
