// Arbitrary bytes as a host and as a pattern: no ECR host is found where there is more or
// less than one, and a host without wildcards is claimed by itself alone.
#include "common/ecr_host.hpp"

#include "common/host_pattern.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(input), size);
  const auto half = text.substr(0, size / 2);
  const auto rest = text.substr(size / 2);
  const bool claimed = purser::pattern_matches(half, rest, "team/app");
  if (claimed && half.find_first_of("*/") == std::string_view::npos && half != rest) std::abort();

  const auto host = purser::parse_ecr_host(text);
  if (!host) return 0;
  for (const char c : text) {
    if (c <= ' ' || c >= '\x7f' || c == '/' || c == ':' || c == '@') std::abort();
  }
  if (purser::parse_ecr_host(std::string(text) + ".example")) std::abort();
  if (purser::parse_ecr_host("evil." + std::string(text))) std::abort();
  return 0;
}
