#pragma once

#include "common/result.hpp"
#include "common/wiping.hpp"

#include <cstddef>
#include <string>

namespace purser::cli {

// Passwords are also JSON files (`_json_key`) and tokens of kilobytes.
inline constexpr std::size_t k_max_login_secret = std::size_t{64} << 10;

// All of standard input less one line end after it, as `docker login --password-stdin` reads it.
// bad_request where there is nothing, or more than k_max_login_secret.
[[nodiscard]] Result<WipingBuffer> read_login_secret();

// What somebody types on the terminal. bad_request where there is no terminal: the error says what
// to do instead.
[[nodiscard]] Result<WipingBuffer> ask_login_secret(const std::string& prompt);

// A name typed at the terminal; bad_request where there is none.
[[nodiscard]] Result<std::string> ask_username();

} // namespace purser::cli
