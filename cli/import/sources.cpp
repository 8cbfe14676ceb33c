#include "cli/import/sources.hpp"

#include "cli/helper_program.hpp"
#include "cli/programs/credential_helper.hpp"
#include "cli/setup/containers_plan.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace purser::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto k_version_limit = 3s;

Result<> check(const EditedFile& file)
{
  struct stat status {};
  if (::stat(file.path().c_str(), &status) != 0 || (status.st_mode & 022U) != 0)
    return Error(Errc::unsafe, file.path() +
                                   ": others may write to it, so that nobody knows "
                                   "whose entries these are; see to it, then: chmod go-w");
  if (file.text().size() > k_max_auth_file)
    return Error(Errc::misconfigured, file.path() + " is larger than 256 KiB");
  if (!is_utf8(file.path()))
    return Error(Errc::misconfigured, "the name of a file is not UTF-8; rename it");
  return {};
}

// Adds what is in the file; nothing where there is none.
Result<bool> add_file(Sources& sources, const AuthPlace& place, const AuthReaders& readers)
{
  auto file = EditedFile::read(place.path);
  if (!file) return file.error();
  if (!file->exists()) return false;
  const auto known = [&file](const SourceFile& s) { return s.file.path() == file->path(); };
  if (std::any_of(sources.files.begin(), sources.files.end(), known)) return true;
  if (const auto fine = check(*file); !fine) return fine.error();
  auto parsed = parse_auth_file(file->path(), place.reader, file->text(), readers);
  if (!parsed) return Error(parsed.error().code, file->path() + ": " + parsed.error().what);
  for (auto& entry : parsed->entries)
    sources.entries.push_back(std::move(entry));
  sources.files.push_back({std::move(*file), std::move(parsed->text)});
  return true;
}

bool is_name(std::string_view name)
{
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

bool same_file(const std::string& a, const std::string& b)
{
  struct stat first {};
  struct stat second {};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

Result<std::string> program_of(const std::string& name, const setup::Variables& variables)
{
  if (!is_name(name))
    return Error(Errc::misconfigured,
                 "--from-helper takes what follows docker-credential- in a program's name");
  if (name == "ecr-login")
    return Error(Errc::misconfigured, "docker-credential-ecr-login stores nothing that could be "
                                      "imported: purser obtains ECR's tokens by itself");
  const auto program = find_helper(variables("PATH"), name);
  if (!program) return Error(Errc::misconfigured, "docker-credential-" + name + " is not on PATH");
  if (name == "purser" || version_of(*program, k_version_limit))
    return Error(Errc::misconfigured,
                 *program + " is purser itself: there is nothing to import from it");
  return *program;
}

// Whether registries.conf and its drop-ins have podman ask purser about every registry. What
// cannot be read says nothing.
bool podman_asks(const setup::Variables& variables, const AuthReaders& readers)
{
  const auto files = setup::ClientFiles::of(variables);
  const auto asked = files ? setup::helpers_asked(*files) : std::nullopt;
  return asked && std::any_of(asked->begin(), asked->end(), readers.is_purser);
}

} // namespace

Sources read_files(const std::vector<AuthPlace>& places, bool named, const AuthReaders& readers)
{
  Sources sources;
  for (const auto& place : places) {
    const auto added = add_file(sources, place, readers);
    if (!added)
      sources.troubles.push_back(added.error().what);
    else if (!*added && named)
      sources.troubles.push_back("there is no file " + place.path);
  }
  return sources;
}

Result<Sources> read_helper(const std::string& name, const setup::Variables& variables)
{
  const auto program = program_of(name, variables);
  if (!program) return program.error();
  const CredentialHelper helper(*program, CredentialHelper::Whose::foreign);
  const auto names = helper.list();
  if (!names) return names.error();
  Sources sources;
  for (const auto& [registry, username] : *names) {
    FoundEntry found(*program, registry);
    found.key = RegistryKey::parse(registry);
    if (!found.key) {
      found.trouble = "that is not the name of a registry";
    } else {
      auto login = helper.get(registry);
      if (!login && login.error().code == Errc::timeout) return login.error();
      found.trouble = login && *login ? trouble_of(**login) : "that helper does not give it";
      if (found.trouble.empty()) found.login.emplace(std::move(**login));
    }
    sources.entries.push_back(std::move(found));
  }
  return sources;
}

AuthReaders readers_of(const setup::Variables& variables, const std::string& own_helper)
{
  AuthReaders readers;
  readers.is_purser = [path = variables("PATH"), own_helper](std::string_view name) {
    if (name == "purser") return true;
    const auto program = find_helper(path, name);
    return program && same_file(*program, own_helper);
  };
  readers.podman_asks = podman_asks(variables, readers);
  return readers;
}

} // namespace purser::cli
