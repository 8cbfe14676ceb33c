// Whatever a client's file holds: it is refused, or each of its entries can be taken out of it, and
// the result is JSON still.
#include "cli/import/auth_file.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace purser::cli;
  if (size == 0) return 0;
  const auto reader = static_cast<AuthReader>(data[0] % 4);
  const std::string text(data + 1, data + size);
  const AuthReaders readers{[](std::string_view name) { return name == "purser"; }, false};
  auto file = parse_auth_file("/f", reader, text, readers);
  if (!file) return 0;
  for (const auto& entry : file->entries) {
    if (entry.login.has_value() == !entry.trouble.empty()) std::abort();
    for (const auto& member : entry.plain)
      if (!file->text.remove(member) || file->text.find(member) != nullptr) std::abort();
  }
  if (!JsonEdit::parse(file->text.text())) std::abort();
  return 0;
}
