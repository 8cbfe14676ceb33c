#include "daemon/seal/sealing_key.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace purser {
namespace {

constexpr std::size_t k_usual_size = 1024; // of all fields of a request

} // namespace

FieldList& FieldList::add(std::string_view field)
{
  if (bytes_.empty()) bytes_.reserve(k_usual_size);
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
