// Arbitrary bytes as the name of a registry: what is accepted is its own canonical form.
#include "common/registry_key.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  const std::string_view text(reinterpret_cast<const char*>(input), size);
  const auto key = purser::RegistryKey::parse(text);
  if (!key) return 0;
  const auto again = purser::RegistryKey::parse(key->text());
  if (!again || !(*again == *key) || again->repository() != key->repository()) std::abort();
  for (const char c : key->text()) {
    if (c <= ' ' || c >= '\x7f' || c == '@' || c == '%' || c == '*') std::abort();
  }
  if (key->host().empty()) std::abort();
  return 0;
}
