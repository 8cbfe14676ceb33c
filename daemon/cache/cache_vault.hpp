#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/cache/cache_file.hpp"
#include "daemon/cache/cache_format.hpp"
#include "daemon/cache/cache_memory.hpp"
#include "daemon/cache/cache_owner.hpp"
#include "daemon/store/byte_sink.hpp"
#include "daemon/store/key_ladder.hpp"

#include <functional>
#include <optional>
#include <string>

namespace purser {

// Where the cache outlives the process, sealed with the key of the ladder: a file, or under a
// service manager a memory that it holds, and then a file only from a stop until the next start.
// All of it blocks: one thread at a time uses it.
class CacheVault {
public:
  // Gives a descriptor to the service manager; success means that it has it.
  using HandOver = std::function<Result<>(int descriptor)>;

  struct Restored {
    std::optional<Secret> process_key; // of the entries; nothing where none is left
    KeptCache kept;
    bool locked = false; // it stays where it is until the key is unlocked
    std::string trouble; // why there is none, for the log; empty where there was none to keep
  };

  // `credentials` is the sealed file of stored credentials: where it exists, the key that it is
  // sealed with is missed and no other is made.
  CacheVault(std::string path, std::string credentials, KeyLadder ladder);
  // Under a service manager; `passed` is the memory that it held for us, if it did.
  CacheVault(std::string path,
             std::string credentials,
             KeyLadder ladder,
             FileDescriptor passed,
             HandOver hand_over);

  // The memory that the service manager holds, if there is one.
  [[nodiscard]] std::optional<int> memory() const
  {
    return memory_ ? std::optional<int>(memory_->number()) : std::nullopt;
  }

  // Whether a service manager holds the cache while we run.
  [[nodiscard]] bool supervised() const { return supervised_; }

  [[nodiscard]] Restored restore(const Moment& now);
  // Puts aside what there is, unread: it may be what we die of.
  [[nodiscard]] Result<> set_aside();
  // An empty cache leaves nothing behind. Where the key is locked (interaction_required) nothing is
  // touched, here and in save_last().
  [[nodiscard]] Result<> save(const Secret& process_key, const KeptCache& kept, const Moment& now);
  // The last one of this process: what the service manager holds is lost if it stops for good.
  [[nodiscard]] Result<>
  save_last(const Secret& process_key, const KeptCache& kept, const Moment& now);

private:
  // What save() and save_last() keep; what it is made of outlives it.
  [[nodiscard]] Result<ByteSource>
  encoded(const Secret& process_key, const KeptCache& kept, const Moment& now) const;
  [[nodiscard]] bool locked() const;
  [[nodiscard]] Result<FoundKey> key_to_write() const;
  [[nodiscard]] Result<std::optional<SavedCache>> read_memory() const;
  [[nodiscard]] Result<std::optional<SavedCache>> read_file();
  [[nodiscard]] Result<SavedCache> opened(const WipingBuffer& bytes) const;
  [[nodiscard]] Result<> save_to_file(const Result<ByteSource>& source);
  [[nodiscard]] Result<> save_to_memory(const Result<ByteSource>& source);

  CacheFile file_;
  std::string credentials_;
  KeyLadder ladder_;
  CacheOwner owner_;
  bool supervised_ = false;
  std::optional<CacheMemory> memory_;
  HandOver hand_over_;
  bool handed_over_ = false;
};

} // namespace purser
