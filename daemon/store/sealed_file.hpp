#pragma once

#include "common/file_descriptor.hpp"
#include "common/result.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/store/key_ladder.hpp"
#include "daemon/store/private_folder.hpp"
#include "daemon/store/store_format.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace purser {

// Stored credentials in one file (store_format.hpp), which other processes may read
// and write at the same time. The verbs and their errors are those of
// CredentialStore, except that these block: they belong on a thread of a pool.
// Several threads may use one object at once.
//
// A change is made under a lock beside the file, to what the file holds at that
// moment, and by replacing it as a whole. Reading takes no lock and, as long as the
// file is the same, no more than one look at its status. A missing file is an empty
// store; a damaged or foreign one is an error of every verb and stays as it is.
class SealedFile {
public:
  static constexpr std::chrono::milliseconds k_lock_limit{5000};

  SealedFile(std::string path,
             KeyLadder ladder,
             std::chrono::milliseconds lock_limit = k_lock_limit);

  [[nodiscard]] Result<std::optional<Credential>> get(const std::string& space,
                                                      const std::string& key);
  // bad_request where the credential is too large.
  [[nodiscard]] Result<>
  store(const std::string& space, const std::string& key, const Credential& credential);
  [[nodiscard]] Result<> erase(const std::string& space, const std::string& key);
  [[nodiscard]] Result<std::vector<StoredName>> list(const std::string& space);
  [[nodiscard]] Result<std::size_t> clear(const std::string& space);
  [[nodiscard]] Result<SpaceSizes> spaces();
  // Whether it, and its key, can be opened. A key that is still to be made is no fault.
  [[nodiscard]] Result<> check();

  // Reads what the first verb would have to wait for. That one will say what is wrong.
  void read_ahead() { (void)current(); }

  // Lets go of what it has read, and of the key: the next verb begins with the ladder.
  void forget();

  [[nodiscard]] const std::string& path() const { return path_; }

private:
  // What one version of the file holds. Keeps it open, see FileStamp.
  struct Version {
    Version(FileDescriptor f, FileStamp s, std::string id, FoundKey k, SealedRecords r);

    FileDescriptor file;
    FileStamp stamp;
    std::string key_id;
    FoundKey key;
    SealedRecords records;
  };
  using SharedVersion = std::shared_ptr<const Version>; // null: there is no file

  using Change = std::function<void(const SealingKey&, SealedRecords&)>;

  [[nodiscard]] Result<SharedVersion> current();
  [[nodiscard]] SharedVersion known_as(const std::optional<FileStamp>& stamp);
  [[nodiscard]] Result<SharedVersion> load() const;
  [[nodiscard]] Result<SharedVersion> load_once() const;
  [[nodiscard]] Result<SharedVersion> opened(PrivateFile& file, FoundKey key) const;
  [[nodiscard]] Result<> change(const Change& change);
  [[nodiscard]] Result<FoundKey> key_to_write(const SharedVersion& before) const;
  [[nodiscard]] Error missing_key() const;
  [[nodiscard]] Error explained(const Error& error, const std::string& key_place) const;
  [[nodiscard]] std::uint64_t generation();
  void remember(SharedVersion version, std::uint64_t generation);

  const std::string path_;
  const KeyLadder ladder_;
  const std::chrono::milliseconds lock_limit_;

  std::mutex loading_; // held by whoever reads the file: the others wait for what it finds
  std::mutex mutex_;   // guards what follows, and is held for no longer than a copy of it
  SharedVersion known_;
  std::uint64_t generation_ = 0; // what was read before forget() is not remembered after it
};

} // namespace purser
