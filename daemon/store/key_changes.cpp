#include "daemon/store/key_changes.hpp"

#include "daemon/store/file_lock.hpp"
#include "daemon/store/key_file.hpp"
#include "daemon/store/key_rotation.hpp"
#include "daemon/store/private_folder.hpp"
#include "daemon/store/store_format.hpp"
#include "daemon/store/wrapped_key.hpp"

#include <filesystem>
#include <optional>
#include <utility>

namespace purser {
namespace {

Error at(const std::string& path, const Error& error)
{
  if (error.code != Errc::protocol_error) return error;
  return {error.code, path + " " + error.what};
}

Result<KeyText> text_of(const std::string& path)
{
  auto text = read_key_file(path, FileOwner::us);
  if (!text) return text.error();
  if (!*text) return Error{Errc::misconfigured, "the key " + path + " is missing"};
  return std::move(**text);
}

// The key itself, in plain text or under the passphrase.
Result<Secret> opened(const KeyText& text, const Secret& passphrase, const std::string& path)
{
  if (text.plain) return text.plain->clone();
  auto key = unwrap_key(text.wrapped, passphrase);
  if (!key) return at(path, key.error());
  return key;
}

Result<> check_length(const Secret& passphrase)
{
  const auto size = passphrase.reveal().size();
  if (size >= KeyChanges::k_least_passphrase && size <= k_max_passphrase) return {};
  return Error{Errc::bad_request, "a passphrase has 8 to 1024 bytes"};
}

} // namespace

// The store as it is while nobody else changes it, and no rotation is half made.
class KeyChanges::Locked {
public:
  static Result<Locked> take(const KeyChanges& changes)
  {
    const std::filesystem::path path(changes.credentials_);
    auto folder = PrivateFolder::open(path.parent_path().native());
    if (!folder) return folder.error();
    const std::string name = path.filename().native();
    auto lock = FileLock::take(*folder, name + ".lock", changes.lock_limit_);
    if (!lock) return lock.error();
    auto file = read_private_file(changes.credentials_, k_max_store_size);
    if (!file) return file.error();
    std::optional<WipingBuffer> bytes;
    if (*file) bytes = std::move((*file)->bytes);
    Locked locked(std::move(*folder), std::move(*lock), name, std::move(bytes));
    std::optional<std::string> id;
    if (locked.bytes_) id = key_id_in(locked.text());
    if (auto finished = finish_rotation(changes.ladder_, id); !finished) return finished.error();
    return locked;
  }

  [[nodiscard]] bool empty() const { return !bytes_; }
  [[nodiscard]] std::string_view text() const { return {bytes_->data(), bytes_->size()}; }
  [[nodiscard]] Result<> replace(std::string_view bytes) const
  {
    const auto replaced = folder_.replace(name_, bytes);
    if (!replaced) return replaced.error();
    return {};
  }

private:
  Locked(PrivateFolder folder, FileLock lock, std::string name, std::optional<WipingBuffer> bytes)
    : folder_(std::move(folder))
    , lock_(std::move(lock))
    , name_(std::move(name))
    , bytes_(std::move(bytes))
  {
  }

  PrivateFolder folder_;
  FileLock lock_;
  std::string name_;
  std::optional<WipingBuffer> bytes_;
};

KeyChanges::KeyChanges(std::string credentials,
                       KeyLadder ladder,
                       std::shared_ptr<HeldKeys> held,
                       std::chrono::milliseconds lock_limit)
  : credentials_(std::move(credentials))
  , ladder_(std::move(ladder))
  , held_(std::move(held))
  , lock_limit_(lock_limit)
{
}

Result<KeyChanges::State> KeyChanges::state() const
{
  const std::string& generated = ladder_.generated_file();
  const auto found = ladder_.find();
  if (!found && found.error().code != Errc::interaction_required) return found.error();
  if (found && *found && (*found)->place != generated)
    return State{Kind::elsewhere, (*found)->place, true};
  const auto text = read_key_file(generated, FileOwner::us);
  if (!text) return text.error();
  if (!*text) return State{Kind::none, generated, true};
  return State{(*text)->plain ? Kind::plain : Kind::wrapped, generated, found.has_value()};
}

Result<KeyChanges::State> KeyChanges::expect(Kind wanted) const
{
  auto now = state();
  if (!now || now->kind == wanted) return now;
  switch (now->kind) {
  case Kind::none: return Error{Errc::misconfigured, "there is no key yet: nothing is stored"};
  case Kind::elsewhere:
    return Error{Errc::misconfigured, "the key is the one in " + now->place +
                                          ", which purser did not make and does not change: "
                                          "docs/operations.md says how to replace it"};
  case Kind::plain: return Error{Errc::misconfigured, "there is no passphrase"};
  case Kind::wrapped: return Error{Errc::misconfigured, "there is a passphrase already"};
  }
  return now;
}

Result<> KeyChanges::open(const Secret& passphrase) const
{
  if (const auto now = expect(Kind::wrapped); !now) return now.error();
  const std::string& path = ladder_.generated_file();
  auto text = text_of(path);
  if (!text) return text.error();
  auto key = opened(*text, passphrase, path);
  if (!key) return key.error();
  held_->hold(std::move(text->wrapped), std::move(*key));

  // The rest of a rotation that was cut short; of another passphrase, it opens nothing.
  auto next = read_key_file(ladder_.next_file(), FileOwner::us);
  if (!next || !*next || (*next)->plain) return {};
  if (auto next_key = unwrap_key((*next)->wrapped, passphrase))
    held_->hold(std::move((*next)->wrapped), std::move(*next_key));
  return {};
}

Result<> KeyChanges::wrap(const Secret& passphrase) const
{
  if (auto checked = check_length(passphrase); !checked) return checked;
  const auto locked = Locked::take(*this);
  if (!locked) return locked.error();
  auto now = state();
  if (!now) return now.error();
  if (now->kind == Kind::none && locked->empty()) {
    if (const auto made = ladder_.find_or_generate(); !made) return made.error();
  }
  if (now = expect(Kind::plain); !now) return now.error();
  const auto text = text_of(now->place);
  if (!text) return text.error();
  const auto wrapped = wrap_key(*text->plain, passphrase);
  if (!wrapped) return wrapped.error();
  return replace_key_file(now->place, *wrapped);
}

Result<> KeyChanges::unwrap(const Secret& passphrase) const
{
  if (auto done = open(passphrase); !done) return done; // also what a rotation left behind
  const auto locked = Locked::take(*this);
  if (!locked) return locked.error();
  const auto now = expect(Kind::wrapped);
  if (!now) return now.error();
  const auto text = text_of(now->place);
  if (!text) return text.error();
  const auto key = opened(*text, passphrase, now->place);
  if (!key) return key.error();
  auto replaced = replace_key_file(now->place, key_line(*key).reveal());
  if (replaced) held_->forget();
  return replaced;
}

Result<std::size_t> KeyChanges::rotate(const Secret& passphrase) const
{
  if (!passphrase.empty()) {
    if (auto done = open(passphrase); !done) return done.error();
  }
  const auto locked = Locked::take(*this);
  if (!locked) return locked.error();
  auto now = state();
  if (now && now->kind != Kind::wrapped) now = expect(Kind::plain);
  if (!now) return now.error();
  const auto text = text_of(now->place);
  if (!text) return text.error();
  const auto old_bytes = opened(*text, passphrase, now->place);
  if (!old_bytes) return old_bytes.error();
  const auto old = SealingKey::from_bytes(*old_bytes);
  if (!old) return old.error();

  const Secret bytes = random_key_bytes();
  const auto fresh = SealingKey::from_bytes(bytes).value();
  const auto records = resealed(*locked, *old, fresh);
  if (!records) return records.error();
  const auto next = next_text(now->kind, bytes, passphrase);
  if (!next) return next.error();
  if (auto done = replace_key_file(ladder_.next_file(), next->reveal()); !done) return done.error();
  if (!locked->empty()) {
    if (auto done = locked->replace(encode_store(fresh, *records)); !done) return done.error();
  }
  if (auto done = rename_key_file(ladder_.next_file(), now->place); !done) return done.error();
  return records->size();
}

Result<SealedRecords>
KeyChanges::resealed(const Locked& locked, const SealingKey& from, const SealingKey& to) const
{
  SealedRecords fresh;
  if (locked.empty()) return fresh;
  const auto damaged = [this](const std::string& how) {
    return Error{Errc::protocol_error,
                 credentials_ + " " + how + "; first run: purser store recover"};
  };
  const auto records = decode_store(from, locked.text());
  if (!records) return damaged(records.error().what);
  for (const auto& [name, record] : *records) {
    auto secret = open_secret(from, name, record);
    if (!secret) return damaged("has a damaged record");
    const Credential credential(record.username, std::move(*secret));
    fresh.emplace(name, seal_record(to, name, credential));
  }
  return fresh;
}

Result<Secret> KeyChanges::next_text(Kind kind, const Secret& key, const Secret& passphrase) const
{
  if (kind != Kind::wrapped) return key_line(key);
  const auto wrapped = wrap_key(key, passphrase);
  if (!wrapped) return wrapped.error();
  held_->hold(*wrapped, key.clone()); // before anybody can meet it
  return Secret(*wrapped);
}

} // namespace purser
