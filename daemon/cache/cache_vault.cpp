#include "daemon/cache/cache_vault.hpp"

#include "daemon/cache/placed_cache.hpp"
#include "daemon/store/private_file.hpp"

#include <memory>
#include <string_view>
#include <utility>

namespace purser {
namespace {

std::string_view view(const WipingBuffer& bytes)
{
  return {bytes.data(), bytes.size()};
}

bool is_empty(const KeptCache& kept)
{
  return kept.tokens.empty() && kept.overrides.empty();
}

} // namespace

CacheVault::CacheVault(std::string path, std::string credentials, KeyLadder ladder)
  : file_(std::move(path)), credentials_(std::move(credentials)), ladder_(std::move(ladder))
{
}

CacheVault::CacheVault(std::string path,
                       std::string credentials,
                       KeyLadder ladder,
                       FileDescriptor passed,
                       HandOver hand_over)
  : CacheVault(std::move(path), std::move(credentials), std::move(ladder))
{
  supervised_ = true;
  hand_over_ = std::move(hand_over);
  handed_over_ = passed.is_open();
  if (passed.is_open()) memory_.emplace(std::move(passed));
}

CacheVault::Restored CacheVault::restore(const Moment& now)
{
  owner_ = this_owner();
  Restored restored;
  restored.locked = locked();
  if (restored.locked) return restored;
  auto saved = read_memory();
  if (!saved) restored.trouble = "what the service manager kept " + saved.error().what;
  if (!saved || !*saved) saved = read_file();
  if (!saved) restored.trouble = saved.error().what;
  if (!saved || !*saved) return restored;
  Secret process_key = std::move((*saved)->process_key);
  auto kept = placed(std::move(**saved), now);
  if (!kept) {
    restored.trouble = "the cache " + kept.error().what;
  } else if (!is_empty(*kept)) {
    restored.process_key = std::move(process_key);
    restored.kept = std::move(*kept);
  }
  return restored;
}

Result<> CacheVault::set_aside()
{
  owner_ = this_owner();
  if (memory_) memory_->clear();
  const auto file = file_.read();
  if (file && !*file) return {};
  return file_.set_aside();
}

bool CacheVault::locked() const
{
  const auto key = ladder_.find();
  return !key && key.error().code == Errc::interaction_required;
}

Result<> CacheVault::save(const Secret& process_key, const KeptCache& kept, const Moment& now)
{
  if (locked()) return locked_error();
  if (is_empty(kept)) {
    if (memory_) memory_->clear();
    return file_.remove();
  }
  const auto source = encoded(process_key, kept, now);
  return supervised_ ? save_to_memory(source) : save_to_file(source);
}

Result<> CacheVault::save_last(const Secret& process_key, const KeptCache& kept, const Moment& now)
{
  if (is_empty(kept)) return save(process_key, kept, now);
  if (locked()) return locked_error();
  const auto source = encoded(process_key, kept, now);
  if (supervised_) (void)save_to_memory(source); // for a restart; a stop needs the file
  return save_to_file(source);
}

Result<ByteSource>
CacheVault::encoded(const Secret& process_key, const KeptCache& kept, const Moment& now) const
{
  auto found = key_to_write();
  if (!found) return found.error();
  const auto key = std::make_shared<const FoundKey>(std::move(*found));
  return ByteSource([this, key, &process_key, &kept, now](const ByteSink& sink) {
    return encode_cache(key->key, owner_, now, process_key, kept, sink);
  });
}

// Without its key the store of credentials is of no use to anybody, and whoever brings the key
// back must not find another in its place.
Result<FoundKey> CacheVault::key_to_write() const
{
  auto found = ladder_.find();
  if (!found) return found.error();
  if (*found) return std::move(**found);
  const auto credentials = stamp_of(credentials_);
  if (!credentials) return credentials.error();
  if (*credentials)
    return Error{Errc::misconfigured, "the key " + ladder_.generated_file() + " is missing"};
  return ladder_.find_or_generate();
}

Result<SavedCache> CacheVault::opened(const WipingBuffer& bytes) const
{
  const auto key = ladder_.find();
  if (!key) return Error{Errc::misconfigured, "cannot be opened: " + key.error().what};
  if (!*key) return Error{Errc::misconfigured, "is sealed with a key that is missing"};
  return decode_cache((*key)->key, owner_, view(bytes));
}

Result<std::optional<SavedCache>> CacheVault::read_memory() const
{
  std::optional<Error> first;
  if (!memory_) return std::optional<SavedCache>();
  for (const auto& bytes : memory_->versions()) {
    auto saved = opened(bytes);
    if (saved) return std::optional(std::move(*saved));
    if (!first) first = saved.error();
  }
  if (first) return *first;
  return std::optional<SavedCache>();
}

Result<std::optional<SavedCache>> CacheVault::read_file()
{
  const auto bytes = file_.read();
  if (!bytes) return bytes.error();
  if (!*bytes) return std::optional<SavedCache>();
  auto saved = opened(**bytes);
  if (saved) return std::optional(std::move(*saved));
  Error error(saved.error().code, file_.path() + " " + saved.error().what);
  if (error.code == Errc::protocol_error && file_.set_aside())
    error.what += "; it is now " + file_.path() + ".damaged";
  return error;
}

Result<> CacheVault::save_to_file(const Result<ByteSource>& source)
{
  if (source) return file_.replace(*source);
  (void)file_.remove(); // it holds what may have been erased since
  return source.error();
}

Result<> CacheVault::save_to_memory(const Result<ByteSource>& source)
{
  if (!source) {
    if (memory_) memory_->clear();
    return source.error();
  }
  if (!memory_) {
    auto made = CacheMemory::make();
    if (!made) return made.error();
    memory_.emplace(std::move(*made));
  }
  if (auto written = memory_->write(*source); !written) {
    memory_->clear();
    return written;
  }
  if (!handed_over_) {
    if (auto handed = hand_over_(memory_->number()); !handed) return handed;
    handed_over_ = true;
  }
  return file_.remove(); // the older copy
}

} // namespace purser
