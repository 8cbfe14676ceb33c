#pragma once

#include "helper/deadline.hpp"

#include <cstddef>
#include <span>
#include <string_view>

// Standard input, output and error of the helper.
namespace purser::helper {

struct Input {
  enum class Problem { none, too_large, timed_out, unreadable };

  std::string_view text;
  Problem problem = Problem::none;
};

// Reads standard input to its end. It is too large where it leaves no byte of `space`.
[[nodiscard]] Input read_input(std::span<char> space, const Deadline& deadline);

enum class Stream { output = 1, error = 2 };

// Writes all of `text`, in one go if the other side lets us. False where it was not
// taken, or not by the deadline.
[[nodiscard]] bool write_text(Stream stream, std::string_view text, const Deadline& deadline);

// Without spaces and line ends around it, as docker's own helpers read a key.
[[nodiscard]] std::string_view trimmed(std::string_view text);

} // namespace purser::helper
