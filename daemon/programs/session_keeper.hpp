#pragma once

#include "common/file_descriptor.hpp"

#include <cstddef>
#include <string_view>

namespace purser {

// A renewed session of the aws command: the daemon's sandbox keeps it from writing into other
// folders than its own, and the home in which the session lies is the asker's.
//
// Replaces one file and ends this process, which was forked for it. Reads a SessionHead, the path
// and the new text from `job`, a stream socket; answers with one line that says what is wrong, or
// none, and closes. Only what is_session_file() is replaced, and nothing is made that was not
// there.
[[noreturn]] void keep_session(FileDescriptor job);

// Whether `path` is absolute and names a regular file of ours as the aws command names its
// sessions: the hexadecimal digits of a SHA-1 or SHA-256 digest and `.json`.
[[nodiscard]] bool is_session_file(std::string_view path);

// What travels over the socket in front of texts; both ends are one program.
struct SessionHead {
  unsigned path; // its size
  unsigned text; // its size
};

// Limits, in bytes.
inline constexpr std::size_t k_max_session_path = 4096;
inline constexpr std::size_t k_max_session = std::size_t{512} << 10;
inline constexpr std::size_t k_max_session_answer = std::size_t{8} << 10;

} // namespace purser
