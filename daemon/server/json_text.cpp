#include "daemon/server/json_text.hpp"

#include <cstddef>

namespace purser {
namespace {

// At a time, by instructions that look at many bytes at once.
constexpr std::size_t k_block = 64;

bool is_special(char c)
{
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

// How many bytes at its beginning stand for themselves. A token is long and has nothing else.
std::size_t plain_size(std::string_view text)
{
  std::size_t size = 0;
  for (; size + k_block <= text.size(); size += k_block) {
    const char* const block = text.data() + size;
    unsigned special = 0;
    for (std::size_t i = 0; i < k_block; ++i)
      special |= static_cast<unsigned>(is_special(block[i]));
    if (special != 0) break;
  }
  while (size < text.size() && !is_special(text[size]))
    ++size;
  return size;
}

} // namespace

void append_json_string(WipingBuffer& out, std::string_view text)
{
  constexpr std::string_view hex = "0123456789abcdef";
  out.push_back('"');
  while (!text.empty()) {
    const std::size_t plain = plain_size(text);
    append(out, text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const char c = text.front();
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('\\');
    if (byte < 0x20) {
      append(out, "u00");
      out.push_back(hex[byte >> 4U]);
      out.push_back(hex[byte & 15U]);
    } else {
      out.push_back(c);
    }
    text.remove_prefix(1);
  }
  out.push_back('"');
}

} // namespace purser
