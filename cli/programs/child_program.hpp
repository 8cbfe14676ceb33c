#pragma once

#include "common/result.hpp"
#include "common/wiping.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace purser::cli {

// A program that is run to its end with one argument.
struct ChildProgram {
  ChildProgram(std::string p, std::string a, std::chrono::milliseconds l, std::size_t m)
    : path(std::move(p)), argument(std::move(a)), limit(l), most_output(m)
  {
  }

  std::string path; // absolute
  std::string argument;
  std::chrono::milliseconds limit; // then it is killed, with its process group
  std::size_t most_output;         // bytes, likewise
  int stop = -1;                   // likewise, where this descriptor can be read
};

struct ChildOutcome {
  bool ok = false;     // it ended with 0
  WipingBuffer output; // what it wrote to standard output

  [[nodiscard]] std::string_view text() const { return {output.data(), output.size()}; }
};

// Runs it with our environment and no blocked signals. `input` goes to its standard input by a
// pipe, and need not be read; its standard error is not looked at.
//
// Errors: misconfigured (it cannot be started), timeout (also where we are to stop),
// protocol_error (it writes too much).
[[nodiscard]] Result<ChildOutcome> converse(const ChildProgram& program, std::string_view input);

} // namespace purser::cli
