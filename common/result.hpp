#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace purser {

// What a caller can do about a failure. The names are those of the protocol
// (docs/protocol.md, "Errors"): `to_string` gives them.
enum class Errc {
  not_configured,       // nobody knows a credential for this registry; anonymous use may be right
  misconfigured,        // the user's configuration or files; retrying will not help
  interaction_required, // somebody has to log in, unlock or answer
  rejected,             // the credential is invalid
  forbidden,            // the credential is valid and may not do this
  expired_source,       // the credential that a token is derived from has expired
  throttled,            // asked too often; see retry_after
  transient,            // network, 5xx; retrying may help
  timeout,              // we gave up waiting; retrying may help
  protocol_error,       // the other side sent something that we do not understand
  unsafe,               // refused by us: TLS, size, a realm or redirect that is not allowed
  bad_request,          // the client sent something that we do not understand
  internal,             // a bug of ours, contained
};

[[nodiscard]] constexpr std::string_view to_string(Errc code)
{
  switch (code) {
  case Errc::not_configured: return "not_configured";
  case Errc::misconfigured: return "misconfigured";
  case Errc::interaction_required: return "interaction_required";
  case Errc::rejected: return "rejected";
  case Errc::forbidden: return "forbidden";
  case Errc::expired_source: return "expired_source";
  case Errc::throttled: return "throttled";
  case Errc::transient: return "transient";
  case Errc::timeout: return "timeout";
  case Errc::protocol_error: return "protocol_error";
  case Errc::unsafe: return "unsafe";
  case Errc::bad_request: return "bad_request";
  case Errc::internal: return "internal";
  }
  return "internal";
}

// Whether waiting a little may mend it (transient, timeout, throttled), as opposed
// to somebody having to do something first.
[[nodiscard]] constexpr bool is_temporary(Errc code)
{
  return code == Errc::transient || code == Errc::timeout || code == Errc::throttled;
}

// What went wrong, for the code (`code`) and for a person (`what`).
//
// `what` is one line: what we tried, with whom, and what to do about it. It is
// built from names, never from bodies, and never contains a secret.
struct Error {
  // For boost::system::result only, whose error() on a success makes one.
  Error() : code(Errc::internal) {}
  Error(Errc c, std::string w) : code(c), what(std::move(w)) {}
  Error(Errc c, std::string w, std::chrono::nanoseconds wait)
    : code(c), what(std::move(w)), retry_after(wait)
  {
  }

  Errc code;
  std::string what;
  std::optional<std::chrono::nanoseconds> retry_after; // the other side said so
  bool says_remedy = false; // `what` ends with it; else a front end adds one for the code
};

// For an error whose `what` ends with what to do.
[[nodiscard]] inline Error with_remedy(Error error)
{
  error.says_remedy = true;
  return error;
}

[[noreturn]] inline void throw_exception_from_error(const Error& e, const boost::source_location&)
{
  throw std::logic_error("value() on failed Result: " + e.what);
}

template <class T = void>
using Result = boost::system::result<T, Error>;

} // namespace purser
