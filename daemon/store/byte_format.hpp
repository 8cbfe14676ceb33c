#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What the formats of our files have in common: little-endian numbers, and texts that their
// size precedes.
namespace purser {

inline void append_number(std::string& out, std::uint64_t number, std::size_t width)
{
  for (; width > 0; --width, number >>= 8)
    out.push_back(static_cast<char>(number & 0xff));
}

// The size takes 4 bytes.
inline void append_sized(std::string& out, std::string_view bytes)
{
  append_number(out, bytes.size(), 4);
  out.append(bytes);
}

// Takes bytes off the front of a text; nothing where it is too short.
class ByteReader {
public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  [[nodiscard]] std::optional<std::string_view> take(std::uint64_t size)
  {
    if (size > left_.size()) return std::nullopt;
    const auto taken = left_.substr(0, static_cast<std::size_t>(size));
    left_.remove_prefix(taken.size());
    return taken;
  }

  // `width` is at most 8.
  [[nodiscard]] std::optional<std::uint64_t> number(std::size_t width)
  {
    const auto bytes = take(width);
    if (!bytes) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;)
      value = value << 8 | static_cast<unsigned char>((*bytes)[i]);
    return value;
  }

  // A text behind its size, which takes `width` bytes: 4, or 8 in a FieldList.
  [[nodiscard]] std::optional<std::string_view> sized(std::size_t width)
  {
    const auto size = number(width);
    return size ? take(*size) : std::nullopt;
  }

  [[nodiscard]] bool at_end() const { return left_.empty(); }

private:
  std::string_view left_;
};

} // namespace purser
