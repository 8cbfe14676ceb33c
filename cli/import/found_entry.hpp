#pragma once

#include "cli/edit/json_edit.hpp"
#include "cli/programs/login.hpp"
#include "common/registry_key.hpp"

#include <optional>
#include <string>
#include <vector>

namespace purser::cli {

// A credential that something other than purser keeps.
struct FoundEntry {
  FoundEntry(std::string s, std::string n) : source(std::move(s)), name(std::move(n)) {}

  std::string source;             // the file, or the helper's program
  std::string name;               // of the registry, as it is spelled there
  std::optional<RegistryKey> key; // nothing where that is no registry's name
  std::optional<Login> login;     // nothing where `trouble` is not empty
  std::string trouble;            // why it cannot be imported: half a sentence
  std::vector<JsonPath> plain;    // the members that hold it, where it lies in a file
  std::string keep_plain;         // why these have to stay there; empty where they need not
  bool may_ask = true;            // its clients could be told to ask purser
};

// Why what was found can be no credential of ours; empty where it can. The store keeps text, and
// no secret of more than 256 KiB is one.
[[nodiscard]] std::string trouble_of(const Login& login);

[[nodiscard]] bool is_utf8(std::string_view text);

} // namespace purser::cli
