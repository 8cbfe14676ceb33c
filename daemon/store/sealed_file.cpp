#include "daemon/store/sealed_file.hpp"

#include "common/namespace_name.hpp"
#include "daemon/store/file_lock.hpp"
#include "daemon/store/key_rotation.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace purser {
namespace {

// A rotation of the key may come between two looks, and hardly another one after it.
constexpr int k_most_looks = 4;

Result<> check_sizes(const std::string& space, const std::string& key, const Credential& credential)
{
  if (space.size() + key.size() + credential.username.size() > k_max_stored_name)
    return Error{Errc::bad_request, "the names of a stored credential are too long"};
  if (credential.secret.reveal().size() > k_max_stored_secret)
    return Error{Errc::bad_request, "the secret of a stored credential is too long"};
  return {};
}

} // namespace

SealedFile::Version::Version(
    FileDescriptor f, FileStamp s, std::string id, FoundKey k, SealedRecords r)
  : file(std::move(f)), stamp(s), key_id(std::move(id)), key(std::move(k)), records(std::move(r))
{
}

SealedFile::SealedFile(std::string path, KeyLadder ladder, std::chrono::milliseconds lock_limit)
  : path_(std::move(path)), ladder_(std::move(ladder)), lock_limit_(lock_limit)
{
}

Result<std::optional<Credential>> SealedFile::get(const std::string& space, const std::string& key)
{
  const auto version = current();
  if (!version) return version.error();
  if (!*version) return std::optional<Credential>();
  const RecordName name(space, key);
  const auto& records = (*version)->records;
  const auto record = records.find(name);
  if (record == records.end()) return std::optional<Credential>();
  auto secret = open_secret((*version)->key.key, name, record->second);
  if (!secret) return explained({secret.error().code, "has a damaged record"}, {});
  return std::optional(Credential(record->second.username, std::move(*secret)));
}

Result<>
SealedFile::store(const std::string& space, const std::string& key, const Credential& credential)
{
  if (auto checked = check_sizes(space, key, credential); !checked) return checked;
  const RecordName name(space, key);
  return change([&name, &credential](const SealingKey& sealing_key, SealedRecords& records) {
    records.insert_or_assign(name, seal_record(sealing_key, name, credential));
  });
}

Result<> SealedFile::erase(const std::string& space, const std::string& key)
{
  const RecordName name(space, key);
  const auto version = current();
  if (!version) return version.error();
  // Nothing to do is done at once, also where nothing could be written.
  if (!*version || !(*version)->records.contains(name)) return {};
  return change([&name](const SealingKey&, SealedRecords& records) { records.erase(name); });
}

Result<std::vector<StoredName>> SealedFile::list(const std::string& space)
{
  const auto version = current();
  if (!version) return version.error();
  std::vector<StoredName> names;
  if (!*version) return names;
  const auto& records = (*version)->records;
  for (auto at = records.lower_bound(RecordName(space, "")); at != records.end(); ++at) {
    if (at->first.space != space) break;
    names.push_back(StoredName{at->first.key, at->second.username});
  }
  return names;
}

Result<std::size_t> SealedFile::clear(const std::string& space)
{
  const auto of_it = [&space](const auto& entry) { return entry.first.space == space; };
  const auto version = current();
  if (!version) return version.error();
  if (!*version || std::none_of((*version)->records.begin(), (*version)->records.end(), of_it))
    return std::size_t{0};
  std::size_t cleared = 0;
  const auto changed = change(
      [&](const SealingKey&, SealedRecords& records) { cleared = std::erase_if(records, of_it); });
  if (!changed) return changed.error();
  return cleared;
}

Result<SpaceSizes> SealedFile::spaces()
{
  const auto version = current();
  if (!version) return version.error();
  SpaceSizes sizes;
  if (!*version) return sizes;
  for (const auto& [name, record] : (*version)->records)
    if (is_namespace(name.space)) ++sizes[name.space]; // not what is kept for the daemon itself
  return sizes;
}

Result<> SealedFile::check()
{
  const auto version = current();
  if (!version) return version.error();
  if (*version) return {};
  const auto key = ladder_.find(); // which nothing has asked for yet
  if (!key) return key.error();
  return {};
}

Result<SealedFile::SharedVersion> SealedFile::current()
{
  const auto stamp = stamp_of(path_);
  if (!stamp) return stamp.error();
  if (auto known = known_as(*stamp)) return known;
  const std::lock_guard lock(loading_);
  const auto present = stamp_of(path_);
  if (!present) return present.error();
  if (auto known = known_as(*present)) return known;
  const auto begun = generation();
  auto loaded = load();
  if (loaded) remember(*loaded, begun);
  return loaded;
}

SealedFile::SharedVersion SealedFile::known_as(const std::optional<FileStamp>& stamp)
{
  const std::lock_guard lock(mutex_);
  return stamp && known_ && known_->stamp == *stamp ? known_ : nullptr;
}

// Takes no lock, so that the key may be replaced between reading the file and reading the key.
Result<SealedFile::SharedVersion> SealedFile::load() const
{
  for (int left = k_most_looks;; --left) {
    auto loaded = load_once();
    if (loaded || loaded.error().code != Errc::misconfigured || left <= 1) return loaded;
  }
}

Result<SealedFile::SharedVersion> SealedFile::load_once() const
{
  auto file = read_private_file(path_, k_max_store_size);
  if (!file) return file.error();
  if (!*file) return SharedVersion();
  auto key = ladder_.find();
  if (!key) return key.error();
  if (!*key) return missing_key();
  const std::string_view bytes((*file)->bytes.data(), (*file)->bytes.size());
  if (const auto id = key_id_in(bytes); id && *id != store_key_id((*key)->key)) {
    auto next = ladder_.find_next();
    if (next && *next && *id == store_key_id((*next)->key))
      return opened(**file, std::move(**next));
  }
  return opened(**file, std::move(**key));
}

Result<SealedFile::SharedVersion> SealedFile::opened(PrivateFile& file, FoundKey key) const
{
  const auto bytes = std::make_shared<const WipingBuffer>(std::move(file.bytes));
  auto records = decode_store(key.key, {bytes->data(), bytes->size()}, bytes);
  if (!records) return explained(records.error(), key.place);
  std::string id = store_key_id(key.key);
  return std::make_shared<const Version>(std::move(file.file), file.stamp, std::move(id),
                                         std::move(key), std::move(*records));
}

Result<> SealedFile::change(const Change& change)
{
  const std::filesystem::path path(path_);
  const auto folder = PrivateFolder::open(path.parent_path().native());
  if (!folder) return folder.error();
  const auto lock = FileLock::take(*folder, path.filename().native() + ".lock", lock_limit_);
  if (!lock) return lock.error();

  const auto begun = generation();
  const auto before = current();
  if (!before) return before.error();
  std::optional<std::string> sealed_with;
  if (*before) sealed_with = (*before)->key_id;
  if (auto finished = finish_rotation(ladder_, sealed_with); !finished) return finished.error();
  auto key = key_to_write(*before);
  if (!key) return key.error();
  auto records = *before ? (*before)->records : SealedRecords();
  change(key->key, records);

  const auto bytes = std::make_shared<const std::string>(encode_store(key->key, records));
  if (bytes->size() > k_max_store_size)
    return Error{Errc::misconfigured, path_ + " is full; log out of what is no longer used"};
  auto written = folder->replace(path.filename().native(), *bytes);
  if (!written) return written.error();
  share_encoded(records, bytes);
  auto key_id = store_key_id(key->key);
  remember(std::make_shared<const Version>(std::move(written->file), written->stamp,
                                           std::move(key_id), std::move(*key), std::move(records)),
           begun);
  return {};
}

// Looks it up anew: what is written with a key that has gone could never be read again.
Result<FoundKey> SealedFile::key_to_write(const SharedVersion& before) const
{
  if (!before) return ladder_.find_or_generate();
  auto key = ladder_.find();
  if (!key) return key.error();
  if (!*key) return missing_key();
  if (store_key_id((*key)->key) != before->key_id)
    return explained({Errc::misconfigured, "is sealed with another key"}, (*key)->place);
  return std::move(**key);
}

Error SealedFile::missing_key() const
{
  return {Errc::misconfigured,
          path_ + " cannot be opened: its key " + ladder_.generated_file() +
              " is missing; bring it back, or move the credentials away and log in again"};
}

Error SealedFile::explained(const Error& error, const std::string& key_place) const
{
  if (error.code == Errc::misconfigured)
    return {error.code, path_ + " " + error.what + " than the one in " + key_place +
                            "; bring that key back, or move the credentials away and log in again"};
  return {error.code,
          path_ + " " + error.what +
              "; it is not overwritten: bring back a copy, or save what still opens: purser store "
              "recover"};
}

void SealedFile::forget()
{
  SharedVersion dropped;
  const std::lock_guard lock(mutex_);
  known_.swap(dropped);
  ++generation_;
}

std::uint64_t SealedFile::generation()
{
  const std::lock_guard lock(mutex_);
  return generation_;
}

void SealedFile::remember(SharedVersion version, std::uint64_t generation)
{
  const std::lock_guard lock(mutex_);
  if (generation == generation_)
    known_.swap(version); // the old one dies after the lock is released
}

} // namespace purser
