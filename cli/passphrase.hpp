#pragma once

#include "common/result.hpp"
#include "common/wiping.hpp"

#include <CLI/Config.hpp>
#include <CLI/Validators.hpp>
#include <cstddef>
#include <string>

namespace purser::cli {

inline constexpr std::size_t k_max_passphrase = 1024;

// Reads a passphrase, never from the arguments or the environment: the first line of `descriptor`
// where that is not negative; on the terminal, without showing it, where standard input is one;
// else the first line of standard input. With `twice` the terminal asks again, and both must be
// equal. The line feed is not part of it. bad_request where there is none or it is too long.
[[nodiscard]] Result<WipingBuffer>
read_passphrase(int descriptor, const std::string& prompt, bool twice);

// For options that name such a descriptor.
[[nodiscard]] CLI::Validator descriptor_number();

// One line that is typed on the terminal and not shown. bad_request where there is no terminal, or
// the line is empty or too long.
[[nodiscard]] Result<WipingBuffer> ask_hidden(const std::string& prompt);

} // namespace purser::cli
