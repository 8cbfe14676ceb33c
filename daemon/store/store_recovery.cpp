#include "daemon/store/store_recovery.hpp"

#include "daemon/store/file_lock.hpp"
#include "daemon/store/private_folder.hpp"
#include "daemon/store/salvage.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

namespace purser {
namespace {

constexpr int k_most_copies = 100;

// Whether all of it can be read and opened.
bool is_whole(const SealingKey& key, std::string_view bytes)
{
  const auto records = decode_store(key, bytes);
  return records && std::all_of(records->begin(), records->end(), [&key](const auto& entry) {
           return open_secret(key, entry.first, entry.second).has_value();
         });
}

// A copy under a name that was free.
Result<std::string>
set_aside(const PrivateFolder& folder, const std::string& name, std::string_view bytes)
{
  for (int number = 1; number <= k_most_copies; ++number) {
    std::string copy = name + ".damaged";
    if (number > 1) copy += "-" + std::to_string(number);
    const auto created = folder.create(copy, bytes);
    if (!created) return created.error();
    if (*created) return folder.path_of(copy);
  }
  return Error{Errc::misconfigured, "there are too many copies of damaged files beside " +
                                        folder.path_of(name) + "; move some away"};
}

Result<FoundKey> key_for(const KeyLadder& ladder, std::string_view bytes)
{
  auto key = ladder.find();
  if (!key) return key.error();
  auto next = ladder.find_next(); // a rotation was cut short, see key_rotation.hpp
  if (next && *next && key_id_in(bytes) == store_key_id((*next)->key)) return std::move(**next);
  if (!*key)
    return Error{Errc::misconfigured, "the key " + ladder.generated_file() +
                                          " is missing; bring it back, nothing opens without it"};
  return std::move(**key);
}

} // namespace

Result<Recovery> recover_store(const std::string& path,
                               const KeyLadder& ladder,
                               std::chrono::milliseconds lock_limit)
{
  const std::filesystem::path file(path);
  const std::string name = file.filename().native();
  const auto folder = PrivateFolder::open(file.parent_path().native());
  if (!folder) return folder.error();
  const auto lock = FileLock::take(*folder, name + ".lock", lock_limit);
  if (!lock) return lock.error();
  const auto stored = read_private_file(path, k_max_store_size);
  if (!stored) return stored.error();
  Recovery recovery;
  if (!*stored) return recovery;
  const std::string_view bytes((*stored)->bytes.data(), (*stored)->bytes.size());
  const auto key = key_for(ladder, bytes);
  if (!key) return key.error();
  if (is_whole(key->key, bytes)) return recovery;

  auto found = salvage(key->key, bytes);
  if (found.records.empty())
    return Error{Errc::misconfigured, "no record of " + path + " opens with the key in " +
                                          key->place +
                                          "; bring the right key or a copy of the file back, or "
                                          "move the file away and log in again"};
  auto aside = set_aside(*folder, name, bytes);
  if (!aside) return aside.error();
  const auto replaced = folder->replace(name, encode_store(key->key, found.records));
  if (!replaced) return replaced.error();
  recovery.damaged = true;
  recovery.set_aside = std::move(*aside);
  recovery.lost = std::move(found.lost);
  recovery.unnamed = found.unnamed;
  for (const auto& entry : found.records)
    recovery.kept.push_back(entry.first);
  return recovery;
}

} // namespace purser
