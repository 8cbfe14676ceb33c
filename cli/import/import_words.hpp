#pragma once

#include <string>
#include <vector>

namespace purser::cli {

// The command line of `purser import`.
struct ImportWords {
  std::vector<std::string> files;
  std::string from_helper; // empty: from files
  bool dry_run = false;
  bool yes = false;
  bool overwrite = false;
  bool keep_plain_text = false;
  bool remove_plain_text = false;
  bool undo = false;
  bool forget = false;
  bool json = false;
};

} // namespace purser::cli
