#pragma once

#include "common/secret.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser {

// A program to run, as execve() takes it: no shell reads it. The first word is an absolute path,
// or a name that is looked for in PATH. Kept as one text, since words and variables may be
// secrets: the number of words, the words, and `NAME=VALUE` entries, each ended by a NUL byte.
class Program {
public:
  Program(const std::vector<Secret>& words, const std::vector<std::string>& environment);
  // From text() of another one.
  explicit Program(Secret text) : text_(std::move(text)) {}

  [[nodiscard]] const Secret& text() const { return text_; }

private:
  Secret text_;
};

// A program's text, taken apart. Views into it.
struct ProgramParts {
  std::vector<std::string_view> words;
  std::vector<std::string_view> environment;
};

// Nothing where the text is not that of a Program with at least one word.
[[nodiscard]] bool take_apart(std::string_view text, ProgramParts& parts);

// How a program ended.
enum class Ending : unsigned char {
  exited,      // with the code `value`
  killed,      // by the signal `value`
  timed_out,   // and was killed
  too_much,    // was written, and it was killed
  not_started, // for the errno `value`
};

// What a program left behind.
struct Outcome {
  Ending ending = Ending::not_started;
  int value = 0;
  Secret output;     // its standard output, whole where it exited
  std::string words; // the end of its standard error
};

// Limits, in bytes.
inline constexpr std::size_t k_max_program = std::size_t{512} << 10; // words and environment
inline constexpr std::size_t k_max_input = std::size_t{256} << 10;
inline constexpr std::size_t k_max_output = std::size_t{64} << 10;
inline constexpr std::size_t k_max_answer = std::size_t{1} << 20; // output where there is input
inline constexpr std::size_t k_max_words = std::size_t{1} << 10;  // of standard error: its end

} // namespace purser
