#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/http/url.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace purser {

// A proxy to go through.
struct Proxy {
  std::string host;
  std::uint16_t port = 80;
  Secret authorization; // the value of Proxy-Authorization; empty where there is none

  // `proxy HOST:PORT`, for people: never what is secret.
  [[nodiscard]] std::string name() const;
};

// The proxy that `egress` wants for `url`, if any. An unusable proxy URL is
// Errc::misconfigured, and its text is in no error. Only http:// proxies are spoken
// to; what goes through them to an https URL is encrypted end to end.
[[nodiscard]] Result<std::optional<Proxy>> choose_proxy(const Egress& egress, const Url& url);

} // namespace purser
