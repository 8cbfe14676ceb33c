#include "daemon/seal/sealing_key.hpp"

#include <array>
#include <cstdint>

namespace purser {

FieldList& FieldList::add(std::string_view field)
{
  std::array<char, 8> size{};
  std::uint64_t rest = field.size();
  for (char& byte : size) {
    byte = static_cast<char>(rest & 0xff);
    rest >>= 8;
  }
  append(bytes_, {size.data(), size.size()});
  append(bytes_, field);
  return *this;
}

} // namespace purser
