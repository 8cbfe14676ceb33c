#pragma once

#include "helper/descriptor.hpp"
#include "helper/line.hpp"

#include <string_view>

namespace purser::helper {

// The folder that the daemon's socket lies in, or why it is not to be used.
struct RunFolder {
  Descriptor folder;
  Line problem; // empty where the folder is open
};

// Opens the folder of `socket_path` (absolute), and makes it and the folders above it
// where they are missing, each 0700 and only inside a folder of ours. Refuses a
// symbolic link on the way, and a folder that is not ours or not 0700: whoever can
// change it can replace the socket.
[[nodiscard]] RunFolder open_run_folder(std::string_view socket_path);

} // namespace purser::helper
