#include "daemon/store/sealed_file_store.hpp"

#include <utility>

namespace purser {
namespace asio = boost::asio;

SealedFileStore::SealedFileStore(const asio::any_io_executor& loop,
                                 WorkerPool& files,
                                 std::string path,
                                 KeyLadder ladder)
  : readers_(files)
  , writer_(loop, "store", 1)
  , file_(std::make_shared<SealedFile>(std::move(path), std::move(ladder)))
{
}

asio::awaitable<Result<std::optional<Credential>>> SealedFileStore::get(std::string space,
                                                                        std::string key)
{
  auto job = [file = file_, space = std::move(space), key = std::move(key)] {
    return file->get(space, key);
  };
  co_return co_await readers_.run<std::optional<Credential>>(std::move(job));
}

asio::awaitable<Result<>>
SealedFileStore::store(std::string space, std::string key, Credential credential)
{
  auto job = [file = file_, space = std::move(space), key = std::move(key),
              credential = std::move(credential)] { return file->store(space, key, credential); };
  co_return co_await writer_.run<void>(std::move(job));
}

asio::awaitable<Result<>> SealedFileStore::erase(std::string space, std::string key)
{
  auto job = [file = file_, space = std::move(space), key = std::move(key)] {
    return file->erase(space, key);
  };
  co_return co_await writer_.run<void>(std::move(job));
}

asio::awaitable<Result<std::vector<StoredName>>> SealedFileStore::list(std::string space)
{
  auto job = [file = file_, space = std::move(space)] { return file->list(space); };
  co_return co_await readers_.run<std::vector<StoredName>>(std::move(job));
}

asio::awaitable<Result<std::size_t>> SealedFileStore::clear(std::string space)
{
  auto job = [file = file_, space = std::move(space)] { return file->clear(space); };
  co_return co_await writer_.run<std::size_t>(std::move(job));
}

asio::awaitable<Result<SpaceSizes>> SealedFileStore::spaces()
{
  auto job = [file = file_] { return file->spaces(); };
  co_return co_await readers_.run<SpaceSizes>(std::move(job));
}

asio::awaitable<Result<>> SealedFileStore::check()
{
  auto job = [file = file_] { return file->check(); };
  co_return co_await readers_.run<void>(std::move(job));
}

asio::awaitable<void> SealedFileStore::read_ahead()
{
  auto job = [file = file_] {
    file->read_ahead();
    return Result<>();
  };
  (void)co_await readers_.run<void>(std::move(job)); // where it cannot, the first verb reads
}

std::string SealedFileStore::description() const
{
  return "sealed file " + file_->path();
}

} // namespace purser
