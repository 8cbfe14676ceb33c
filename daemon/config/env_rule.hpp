#pragma once

#include <string>

namespace purser {

// Where a credential comes from that is there already (`"provider": "env"`). Of each pair, one
// is empty.
struct EnvRule {
  std::string username;
  std::string username_env; // a variable of whoever asks
  std::string secret_env;   // a variable of whoever asks
  std::string secret_file;  // absolute
};

} // namespace purser
