#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace purser::helper {

// One line for a person, without heap. What does not fit is cut.
class Line {
public:
  // Our own words.
  Line& operator<<(std::string_view words)
  {
    for (const char c : words)
      push(c);
    return *this;
  }

  Line& operator<<(int number);

  // Words of others (paths, names, arguments). Everything but printable ASCII, and
  // the space, becomes `?`: so the line stays one line, and none of docker's
  // sentences can be smuggled into it.
  Line& quote(std::string_view foreign);

  [[nodiscard]] std::string_view text() const { return {bytes_.data(), size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

private:
  static constexpr std::size_t k_size = 1000;
  static constexpr std::size_t k_quote_size = 200;

  void push(char c)
  {
    if (size_ < bytes_.size()) bytes_[size_++] = c;
  }

  std::array<char, k_size> bytes_{};
  std::size_t size_ = 0;
};

} // namespace purser::helper
