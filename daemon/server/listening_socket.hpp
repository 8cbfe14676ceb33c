#pragma once

#include "common/result.hpp"

#include <string>

namespace purser {

// The socket that the daemon made itself (no service manager did). Exists only where
// no other daemon lives at that path: a lock beside it is held as long as this object.
class ListeningSocket {
public:
  static constexpr int k_backlog = 1024;

  // Makes the folder (0700) and the socket (0600) at `path`, which is absolute.
  //
  // Refuses what open_run_folder() does (common/run_folder.hpp), and anything at `path` that is
  // not a socket of ours which nobody listens on (a daemon that died left it there):
  // misconfigured, naming the path. transient where another daemon lives there.
  [[nodiscard]] static Result<ListeningSocket> make(const std::string& path);

  // One that this process had before it became another program: the lock and the listening
  // descriptor, and `path` still leads there.
  [[nodiscard]] static Result<ListeningSocket>
  inherited(const std::string& path, int lock, int listening);

  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&&) = delete;
  // Removes the socket from its folder, if it is still this one.
  ~ListeningSocket();

  // The listening descriptor; the caller owns it from now on.
  [[nodiscard]] int release();
  // Whether `path` still leads here.
  [[nodiscard]] bool in_place() const;
  // The descriptor of the lock, which stays ours.
  [[nodiscard]] int lock() const { return lock_; }

private:
  ListeningSocket(std::string path, int lock, int fd);

  std::string path_;
  int lock_ = -1;
  int fd_ = -1;
  unsigned long device_ = 0;
  unsigned long inode_ = 0;
};

} // namespace purser
