#pragma once

#include "common/file_descriptor.hpp"

#include <string_view>

namespace purser {

// The folder that the daemon's socket lies in, or why it is not to be used. The helper and the
// daemon use this, so that one does not refuse what the other takes. Needs no library and no heap.
struct RunFolder {
  FileDescriptor folder;    // not to be read (O_PATH)
  std::string_view path;    // the part of the socket's path that has the problem
  std::string_view problem; // "the folder PATH" and this are a sentence; empty where there is none
};

// Opens the folder of `socket_path` (absolute, as long as a SocketPath at most), and makes it and
// the folders above it where they are missing, each 0700, and inside folders that are `makeable`.
// Refuses a symbolic link on the way, and a folder that is not ours or not 0700: whoever can change
// it can replace the socket.
enum class Makeable {
  ours,   // for who comes upon a place
  allowed // wherever the kernel allows it: for a daemon that was told the place (a pod's volume)
};
[[nodiscard]] RunFolder open_run_folder(std::string_view socket_path,
                                        Makeable makeable = Makeable::ours);

} // namespace purser
