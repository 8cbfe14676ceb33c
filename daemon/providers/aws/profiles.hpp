#pragma once

#include "common/result.hpp"
#include "daemon/providers/aws/shared_file.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace purser::aws {

// Where the two files are; absolute. Empty: there is none.
struct ProfilePaths {
  ProfilePaths() = default;
  ProfilePaths(std::string c, std::string s) : config(std::move(c)), credentials(std::move(s)) {}

  std::string config;
  std::string credentials;

  auto operator<=>(const ProfilePaths&) const = default;
};

// The profiles of both files. A property of the credentials file wins over the same one of
// the configuration file.
class Profiles {
public:
  Profiles() = default;
  // `open_file` is the file that others than its owner can write, if one is.
  Profiles(SharedFile config,
           SharedFile credentials,
           ProfilePaths paths,
           std::string open_file = {});

  // Null where neither file has it.
  [[nodiscard]] const Section* profile(std::string_view name) const;
  [[nodiscard]] const Section* services(std::string_view name) const;
  [[nodiscard]] const Section* sso_session(std::string_view name) const;

  // The file that others could have written a program into: it belongs to neither us nor root,
  // or its group or everybody can write it. Empty: there is none.
  [[nodiscard]] const std::string& open_file() const { return open_file_; }

  // For errors: which files were searched.
  [[nodiscard]] const ProfilePaths& paths() const { return paths_; }

private:
  SharedFile::Sections profiles_;
  SharedFile::Sections services_;
  SharedFile::Sections sso_sessions_;
  ProfilePaths paths_;
  std::string open_file_;
};

// Reads both files; blocks. A file that is not there is an empty one. misconfigured where
// one cannot be read, is no regular file, is over 1 MiB or is not of the grammar; names it.
[[nodiscard]] Result<Profiles> read_profiles(const ProfilePaths& paths);

// The value; nothing where it is not there or blank.
[[nodiscard]] std::optional<std::string_view> find_property(const Section& section,
                                                            std::string_view name);

} // namespace purser::aws
