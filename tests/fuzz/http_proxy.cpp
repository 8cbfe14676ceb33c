// Arbitrary bytes as the proxy variables: the first line is HTTPS_PROXY, the rest NO_PROXY.
#include "daemon/http/no_proxy.hpp"
#include "daemon/http/proxy.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(input), size);
  const auto end = std::min(text.find('\n'), text.size());
  purser::Egress egress;
  egress.https_proxy = text.substr(0, end);

  for (const auto* const host : {"https://a.example.com:8443", "https://[2001:db8::1]",
                                 "https://10.1.2.3", "https://169.254.169.254"}) {
    const auto url = purser::parse_url(host).value();
    (void)purser::no_proxy_matches(text, url);
    const auto proxy = purser::choose_proxy(egress, url);
    if (!proxy || !*proxy) continue;
    if (purser::is_proxy_exempt(url) || (*proxy)->port == 0) std::abort();
    for (const char c : (*proxy)->authorization.reveal()) {
      if (c < ' ' || c >= '\x7f') std::abort();
    }
  }
  return 0;
}
