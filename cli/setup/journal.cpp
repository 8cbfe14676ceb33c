#include "cli/setup/journal.hpp"

#include "cli/setup/record_json.hpp"
#include "daemon/config/small_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace purser::cli::setup {
namespace {

constexpr std::size_t k_max_size = std::size_t{4} << 20;

Error failed(const std::string& path)
{
  return Error(Errc::misconfigured,
               "cannot use " + path + ": " + std::generic_category().message(errno));
}

// Nobody but us may have a word in it: what it says is done to the user's files.
Result<FileDescriptor> locked(const std::filesystem::path& folder)
{
  FileDescriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat status {};
  if (!opened.is_open() || ::fstat(opened.number(), &status) != 0) return failed(folder);
  if (status.st_uid != ::geteuid() || (status.st_mode & 022U) != 0)
    return Error(Errc::misconfigured,
                 folder.native() + " is not yours alone; run: chmod 700 " + folder.native());
  if (::flock(opened.number(), LOCK_EX | LOCK_NB) == 0) return opened;
  if (errno != EWOULDBLOCK) return failed(folder);
  return Error(Errc::transient, "another purser setup is running");
}

} // namespace

Journal::Journal(std::string path, FileDescriptor lock)
  : path_(std::move(path)), lock_(std::move(lock))
{
}

Result<Journal> Journal::open(const std::string& path, Use use)
{
  FileDescriptor lock;
  if (use == Use::writing) {
    const auto folder = std::filesystem::path(path).parent_path();
    if (const auto made = make_own_folder(folder); !made) return made.error();
    auto locked_one = locked(folder);
    if (!locked_one) return locked_one.error();
    lock = std::move(*locked_one);
  }
  Journal journal(path, std::move(lock));
  const auto text = read_own_file(path, k_max_size);
  if (!text) return text.error();
  if (!*text) return journal;
  auto records = records_from(nlohmann::json::parse(**text, nullptr, /*allow_exceptions=*/false));
  if (!records)
    return Error(Errc::misconfigured,
                 path + " is not what this purser writes; move it away, and what it could undo "
                        "is yours to undo");
  journal.records_ = std::move(*records);
  return journal;
}

Result<> Journal::add(FileRecord record)
{
  records_.push_back(std::move(record));
  auto saved = save();
  if (!saved) records_.pop_back();
  return saved;
}

Result<> Journal::drop(std::size_t index)
{
  records_.erase(records_.begin() + static_cast<std::ptrdiff_t>(index));
  return save();
}

Result<> Journal::save() const
{
  return replace_file(path_, to_json(records_).dump(1, ' ', true) + "\n");
}

} // namespace purser::cli::setup
