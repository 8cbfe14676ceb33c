#pragma once

#include "common/result.hpp"
#include "common/wiping.hpp"

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

} // namespace purser::cli
