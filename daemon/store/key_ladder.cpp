#include "daemon/store/key_ladder.hpp"

#include "daemon/store/key_file.hpp"
#include "daemon/store/private_folder.hpp"

#include <filesystem>

namespace purser {
namespace {

Result<std::optional<FoundKey>> found(const Secret& bytes, const std::string& path)
{
  auto key = SealingKey::from_bytes(bytes);
  if (!key) return key.error();
  return std::optional(FoundKey(std::move(*key), path));
}

// Of a place that nobody puts under a passphrase.
Result<std::optional<FoundKey>> read_given_key(const std::string& path, FileOwner owner)
{
  const auto text = read_key_file(path, owner);
  if (!text) return text.error();
  if (!*text) return std::optional<FoundKey>();
  if (!(*text)->plain)
    return Error{Errc::misconfigured,
                 path + " is under a passphrase, which only the generated key can be"};
  return found(*(*text)->plain, path);
}

} // namespace

Error locked_error()
{
  return with_remedy({Errc::interaction_required, "purser is locked; run: purser unlock"});
}

Result<std::optional<FoundKey>> KeyLadder::find() const
{
  if (!places_.credentials_directory.empty()) {
    const auto path = places_.credentials_directory + "/" + std::string(k_credential_name);
    auto given = read_given_key(path, FileOwner::us_or_the_system);
    if (!given || *given) return given; // systemd sets the variable for other credentials, too
  }
  if (!places_.configured_file.empty()) {
    auto given = read_given_key(places_.configured_file, FileOwner::us);
    if (given && !*given)
      return Error{Errc::misconfigured,
                   "the configured key file " + places_.configured_file + " does not exist"};
    return given;
  }
  return find_generated(places_.generated_file);
}

Result<std::optional<FoundKey>> KeyLadder::find_next() const
{
  return find_generated(next_file());
}

Result<std::optional<FoundKey>> KeyLadder::find_generated(const std::string& path) const
{
  const auto text = read_key_file(path, FileOwner::us);
  if (!text) return text.error();
  if (!*text) return std::optional<FoundKey>();
  if ((*text)->plain) return found(*(*text)->plain, path);
  const auto key = held_ ? held_->find((*text)->wrapped) : std::nullopt;
  if (!key) return locked_error();
  return found(*key, path);
}

Result<FoundKey> KeyLadder::find_or_generate() const
{
  auto present = find();
  if (!present) return present.error();
  if (*present) return std::move(**present);

  const std::filesystem::path path(places_.generated_file);
  const auto folder = PrivateFolder::open(path.parent_path().native());
  if (!folder) return folder.error();
  const auto line = key_line(random_key_bytes());
  const auto created = folder->create(path.filename().native(), line.reveal());
  if (!created) return created.error();

  auto made = find_generated(path.native()); // perhaps another process's
  if (!made) return made.error();
  if (!*made)
    return with_remedy({Errc::transient, path.native() + " was removed just now; try again"});
  return std::move(**made);
}

} // namespace purser
