#include "daemon/seal/sealing_key.hpp"

#include <cstdint>

namespace purser {

FieldList& FieldList::add(std::string_view field)
{
  std::uint64_t size = field.size();
  for (int i = 0; i < 8; ++i, size >>= 8)
    bytes_.push_back(static_cast<char>(size & 0xff));
  bytes_.insert(bytes_.end(), field.begin(), field.end());
  return *this;
}

} // namespace purser
