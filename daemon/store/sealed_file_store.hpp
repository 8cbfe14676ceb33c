#pragma once

#include "daemon/async/worker.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/store/sealed_file.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>

namespace purser {

// Stored credentials in a sealed file; nothing is opened before the first verb, or read_ahead().
//
// Reading takes one call on `files`. Changes have a thread of their own, one after the
// other, so that a lock which another process holds does not keep anybody from reading.
// A caller that gives up leaves its change behind, to be made or not.
class SealedFileStore final : public CredentialStore {
public:
  // `files` must outlive this.
  SealedFileStore(const boost::asio::any_io_executor& loop,
                  WorkerPool& files,
                  std::string path,
                  KeyLadder ladder);

  [[nodiscard]] boost::asio::awaitable<Result<std::optional<Credential>>>
  get(std::string space, std::string key) override;
  [[nodiscard]] boost::asio::awaitable<Result<>>
  store(std::string space, std::string key, Credential credential) override;
  [[nodiscard]] boost::asio::awaitable<Result<>> erase(std::string space, std::string key) override;
  [[nodiscard]] boost::asio::awaitable<Result<std::vector<StoredName>>>
  list(std::string space) override;
  [[nodiscard]] boost::asio::awaitable<Result<std::size_t>> clear(std::string space) override;
  [[nodiscard]] boost::asio::awaitable<Result<SpaceSizes>> spaces() override;

  // Reads what the first verb would have to wait for.
  [[nodiscard]] boost::asio::awaitable<void> read_ahead();
  // Lets go of the key, and of all that was read with it. What is under way may still end.
  void forget() { file_->forget(); }

  [[nodiscard]] boost::asio::awaitable<Result<>> check() override;
  [[nodiscard]] std::string description() const override;

private:
  WorkerPool& readers_;
  WorkerPool writer_;
  std::shared_ptr<SealedFile> file_; // shared with the threads, which may outlive this
};

} // namespace purser
