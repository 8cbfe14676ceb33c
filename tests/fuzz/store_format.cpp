// Arbitrary bytes as a sealed file: as they are, with the head and digest that a key
// holder would have given them, and as the sealed name of a record.
#include "daemon/store/store_format.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace purser;

// Whatever decodes is whole: it gives the same records again.
void check(const SealingKey& key, std::string_view bytes)
{
  const auto records = decode_store(key, bytes);
  if (!records) return;
  const auto again = decode_store(key, encode_store(key, *records));
  if (!again || again->size() != records->size()) std::abort();
  for (const auto& [name, record] : *records)
    (void)open_secret(key, name, record);
}

std::string with_digest(const SealingKey& key, std::string bytes)
{
  bytes += key.digest(bytes);
  return bytes;
}

std::string sized(std::string_view bytes)
{
  std::string out;
  for (std::size_t i = 0, size = bytes.size(); i < 4; ++i, size >>= 8)
    out.push_back(static_cast<char>(size & 0xff));
  return out.append(bytes);
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  static const SealingKey key =
      SealingKey::from_bytes(Secret(std::string(SealingKey::k_size, 'k'))).value();
  const std::string_view bytes(reinterpret_cast<const char*>(input), size);
  const std::string head = encode_store(key, {}).substr(0, 32);

  check(key, bytes);
  check(key, with_digest(key, head + std::string(bytes)));
  const std::string name = key.seal(bytes, "purser store name 1");
  const std::string one_record = std::string("\1\0\0\0", 4) + sized(name) + sized("secret");
  check(key, with_digest(key, head + one_record));
  return 0;
}
