#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace purser::aws {

// A response that is not what was asked for, understood.
struct Failure {
  Errc kind = Errc::protocol_error;
  std::string code;       // AWS's name of it, or empty; letters, digits and dots only
  std::string request_id; // for AWS's support, or empty
  unsigned status = 0;
  bool is_html = false;
  std::optional<Duration> retry_after;
};

// Reads the headers and a body in JSON, XML (of other AWS protocols, and of emulators) or
// HTML (of proxies). `now` is what Retry-After counts from where it is a date.
//
// Source: the error rules of AWS's protocols "JSON 1.1" and "query" (Smithy), and the codes
// in the "Common errors" of the AWS API references.
[[nodiscard]] Failure read_failure(const HttpResponse& response, WallTime now);

// Whether a wrong clock may be what AWS complains about.
[[nodiscard]] bool may_be_clock_skew(std::string_view code);

// AWS's name of it, or the status where there is none: for people.
[[nodiscard]] std::string shown_code(const Failure& failure);

// Who asked whom for what: what an error names.
struct Attempt {
  std::string host;                      // of the API
  std::string credential = "access key"; // what was shown
  std::string place;                     // whose: `profile "prod"`
  std::string check;                     // the command that tries it; empty: there is none
  std::string actions;                   // what an IAM policy has to allow
};

// One line that names the host, the cause and what to do.
[[nodiscard]] Error to_error(const Failure& failure, const Attempt& attempt);

} // namespace purser::aws
