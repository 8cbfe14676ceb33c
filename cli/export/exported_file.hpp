#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

namespace purser::cli {

// A file with credentials in plain text, mode 0600, in a folder where nobody else can put
// another in its place.
class ExportedFile {
public:
  // `path` is absolute or not. Errors: misconfigured, with what to do, where its folder is
  // missing, belongs to another user, can be written by everybody (and is not sticky), or is on
  // a disk although that is not wanted.
  [[nodiscard]] static Result<ExportedFile> at(std::string path, bool may_be_on_disk);

  // Makes this its content, in one step. Where it is already, the file is left alone: whoever
  // watches it sees changes only. misconfigured where it cannot be written.
  [[nodiscard]] Result<> write(const Secret& text);

  // Takes it away, unless somebody has put another in its place.
  void remove() const;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool on_disk() const { return on_disk_; }

private:
  ExportedFile(std::string path, bool on_disk) : path_(std::move(path)), on_disk_(on_disk) {}
  [[nodiscard]] bool holds(const Secret& text) const;
  [[nodiscard]] Result<> replace(const Secret& text);

  std::string path_;
  bool on_disk_;
  dev_t device_ = 0; // of what we wrote
  ino_t inode_ = 0;
};

// $XDG_RUNTIME_DIR/purser/`name`, whose folder is made where it is missing. misconfigured where
// there is no such place.
[[nodiscard]] Result<std::string> default_export_path(std::string_view name);

} // namespace purser::cli
