#pragma once

#include "common/result.hpp"

#include <sys/stat.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser::cli {

// A configuration file of the user's, read to be replaced as a whole. All of it blocks.
//
// A link is followed, and what it leads to is edited. Whoever reads the file meanwhile, and
// everybody after a crash, sees the old text or the new. Other names of the file (hard links)
// keep the old one, as with every program that edits so.
class EditedFile {
public:
  static constexpr std::size_t k_max_size = std::size_t{1} << 20;

  // What lies at `path`, an absolute path; nothing there is no error, see exists(). Errors
  // (misconfigured, one line with the path): no regular file, another user's, one whose owner
  // may not write to it, larger than k_max_size, a link to nothing. Files that others may write
  // to are taken: who edits them has that trouble already, and it is theirs to end.
  [[nodiscard]] static Result<EditedFile> read(const std::string& path);

  [[nodiscard]] bool exists() const { return exists_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  // Of the file itself, where the path that was read leads through a link.
  [[nodiscard]] const std::string& path() const { return path_; }
  // Those that replace() would make, the outermost first.
  [[nodiscard]] std::vector<std::string> missing_folders() const;

  // Puts `text` in its place: durable when it returns, with the mode, the owner and the group
  // that the file had; new files are 0600, new folders 0700. Errors: transient where the file
  // is not what was read any more (nothing was done), or the disk is full; misconfigured where
  // the folder does not let us. What lies at `PATH.purser-new` is taken for the rest of a crash.
  [[nodiscard]] Result<> replace(std::string_view text);
  // Takes the file away; the same errors.
  [[nodiscard]] Result<> remove();

  // Takes away what a crash left beside the file, which may hold secrets. Errors are not: what
  // cannot be taken away now goes with the next edit.
  void remove_rest() const;

private:
  explicit EditedFile(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] Result<> check_unchanged() const;
  [[nodiscard]] Result<> write(std::string_view text) const;

  std::string path_;
  std::string text_;
  struct stat status_ {};
  bool exists_ = false;
};

} // namespace purser::cli
