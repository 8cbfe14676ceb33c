#pragma once

#include "cli/edit/json_edit.hpp"
#include "cli/import/found_entry.hpp"
#include "common/result.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace purser::cli {

// Whose file it is, which decides who reads it and whether they can be told to ask purser.
enum class AuthReader { docker, helm, podman, dockercfg };

// A file in which registry clients keep credentials in plain text.
struct AuthFile {
  AuthFile(std::string p, AuthReader r, JsonEdit t)
    : path(std::move(p)), reader(r), text(std::move(t))
  {
  }

  std::string path;
  AuthReader reader;
  JsonEdit text;
  std::vector<FoundEntry> entries; // those that hold nothing are left out
};

// What is known of the clients of this user besides what their file says.
struct AuthReaders {
  std::function<bool(std::string_view)> is_purser; // of a name that a credsStore has
  bool podman_asks = false; // registries.conf has podman ask purser for every registry
};

// Where the name of `path` says it: podman's is auth.json, the old form .dockercfg; else docker's.
[[nodiscard]] AuthReader reader_of(std::string_view path);

// docker's config.json and what has its form (`auths`), or the old form without `auths`. Errors:
// the JSON is none, see JsonEdit, or `auths` is no object of objects. Of an entry that cannot be
// imported the `trouble` says why.
[[nodiscard]] Result<AuthFile>
parse_auth_file(std::string path, AuthReader reader, std::string text, const AuthReaders& readers);

} // namespace purser::cli
