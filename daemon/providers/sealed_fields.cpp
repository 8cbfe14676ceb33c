#include "daemon/providers/sealed_fields.hpp"

#include <cstdint>
#include <utility>

namespace purser {

Result<SealedFields> SealedFields::open(const SealingKey& key,
                                        std::string_view sealed,
                                        std::string_view context,
                                        std::size_t count)
{
  auto text = key.open(sealed, context);
  if (!text) return text.error();
  SealedFields fields(std::move(*text));
  if (!fields.split() || fields.fields_.size() != count)
    return Error{Errc::internal, "sealed fields are not those that were sealed"};
  return fields;
}

// The form that FieldList writes.
bool SealedFields::split()
{
  constexpr std::size_t k_size_bytes = 8;
  for (std::string_view rest = text_.reveal(); !rest.empty();) {
    if (rest.size() < k_size_bytes) return false;
    std::uint64_t size = 0;
    for (std::size_t i = k_size_bytes; i > 0; --i)
      size = (size << 8U) | static_cast<unsigned char>(rest[i - 1]);
    rest.remove_prefix(k_size_bytes);
    if (size > rest.size()) return false;
    fields_.push_back(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  return true;
}

} // namespace purser
