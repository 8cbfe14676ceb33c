#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>

namespace purser {

// The file that this process was started from, and whether another one lies there by now: an
// upgrade. Only a file that could have been started in our place counts: of the same owner or of
// root, and nobody else may write it.
class OwnProgram {
public:
  // Of this process.
  static OwnProgram of_this_process();
  explicit OwnProgram(std::string path);

  // Whether another program lies there, and lay there unchanged when this was asked before: one
  // that is still being written is none yet.
  [[nodiscard]] bool replaced();
  // The same, where somebody says that it is complete.
  [[nodiscard]] bool replaced_by_now() const;

  // Empty where it is unknown.
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  // Tells one content of the file from another.
  struct Stamp {
    friend bool operator==(const Stamp&, const Stamp&) = default;

    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
  };
  [[nodiscard]] std::optional<Stamp> another() const;
  [[nodiscard]] static Stamp stamp_of(const struct stat& status);

  std::string path_;
  Stamp ours_;
  std::optional<Stamp> seen_;
};

} // namespace purser
