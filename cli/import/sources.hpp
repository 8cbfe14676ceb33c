#pragma once

#include "cli/edit/edited_file.hpp"
#include "cli/import/auth_file.hpp"
#include "cli/import/found_entry.hpp"
#include "cli/import/places.hpp"
#include "common/result.hpp"

#include <string>
#include <vector>

namespace purser::cli {

// A file as it was read: it is replaced only where it is still the same.
struct SourceFile {
  EditedFile file;
  JsonEdit text;
};

// What there is to import, and what could not be read (one line each, with its place).
struct Sources {
  std::vector<SourceFile> files;
  std::vector<FoundEntry> entries;
  std::vector<std::string> troubles;
};

// Larger files than this are no configuration.
inline constexpr std::size_t k_max_auth_file = std::size_t{256} << 10;

// The files at these places. One that is not there is no trouble unless somebody named it; one
// that two places lead to is read once. Refused are, besides what EditedFile refuses, files that
// others may write to: what they put there must not become this user's credential.
[[nodiscard]] Sources
read_files(const std::vector<AuthPlace>& places, bool named, const AuthReaders& readers);

// What docker-credential-NAME has. Errors: misconfigured (no such name or program, or one that
// there is nothing to import from: purser itself, ecr-login), and those of CredentialHelper.
[[nodiscard]] Result<Sources> read_helper(const std::string& name,
                                          const setup::Variables& variables);

// What is known of this user's clients. `own_helper` is the path of docker-credential-purser.
[[nodiscard]] AuthReaders readers_of(const setup::Variables& variables,
                                     const std::string& own_helper);

} // namespace purser::cli
