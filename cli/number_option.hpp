#pragma once

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

namespace purser::cli {

// Refuses what is no whole number from `least` to `most`, in words for a person: `wanted` says what
// is counted.
inline CLI::Validator whole_number(int least, int most, std::string wanted)
{
  auto check = [least, most, wanted = std::move(wanted)](const std::string& text) {
    int number = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec == std::errc() && read.ptr == end && number >= least && number <= most)
      return std::string();
    return "wants " + wanted + ", " + std::to_string(least) + " to " + std::to_string(most);
  };
  return {std::move(check), ""};
}

} // namespace purser::cli
