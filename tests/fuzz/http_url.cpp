// Arbitrary bytes as a URL: what is accepted is clean, and means the same when it is
// put together again.
#include "daemon/http/url.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(input), size);
  const auto url = purser::parse_url(text);
  if (!url) return 0;

  const auto again = (url->tls ? "https://" : "http://") + url->host_header() + url->target;
  for (const char c : again) {
    if (c <= ' ' || c >= '\x7f' || c == '\\' || c == '#') std::abort();
  }
  if (url->port == 0 || url->host.empty() || url->host.find('@') != std::string::npos) std::abort();
  const auto same = purser::parse_url(again);
  if (!same || same->host != url->host || same->port != url->port || same->target != url->target) {
    std::abort();
  }
  return 0;
}
