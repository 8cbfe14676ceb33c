#pragma once

#include "cli/number_option.hpp"

#include <CLI/Error.hpp>
#include <cstddef>
#include <optional>

namespace purser::cli {

// What --lines of `audit` and `logs` takes. More than a daemon or a journal is likely to keep.
inline CLI::Validator lines_number()
{
  constexpr int k_most = 1'000'000;
  return whole_number(0, k_most, "a number of lines");
}

// None of those before is a wish of who follows, and a mistake of who does not.
inline void refuse_no_lines(const std::optional<std::size_t>& lines, bool follows)
{
  if (lines == std::size_t{0} && !follows)
    throw CLI::ValidationError("--lines", "0 shows nothing without --follow");
}

} // namespace purser::cli
