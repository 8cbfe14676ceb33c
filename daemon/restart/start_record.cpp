#include "daemon/restart/start_record.hpp"

#include "common/file_descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <system_error>
#include <vector>

namespace purser {
namespace {

constexpr std::size_t k_most_bytes = 1024; // what is older lies in front, and is dropped

Error failed(std::string_view verb, const std::string& path)
{
  return {Errc::transient, "cannot " + std::string(verb) + " " + path + ": " +
                               std::generic_category().message(errno)};
}

// The starts that count, in seconds since boot. Those of the future are of another boot.
std::vector<long long> recent(std::string_view lines, BootTime now)
{
  std::vector<long long> starts;
  while (!lines.empty()) {
    const auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    long long seconds = 0;
    const auto [end, problem] = std::from_chars(line.data(), line.data() + line.size(), seconds);
    if (problem != std::errc{} || end != line.data() + line.size() || seconds < 0) continue;
    const BootTime start{std::chrono::seconds(seconds)};
    if (start <= now && now - start <= StartRecord::k_window) starts.push_back(seconds);
  }
  return starts;
}

std::string read_end(int file)
{
  std::array<char, k_most_bytes> bytes{};
  struct stat status {};
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return {};
  const auto from = status.st_size > static_cast<off_t>(bytes.size())
                        ? status.st_size - static_cast<off_t>(bytes.size())
                        : 0;
  const auto got = ::pread(file, bytes.data(), bytes.size(), from);
  return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
}

} // namespace

Result<std::size_t> StartRecord::note(BootTime now) const
{
  const FileDescriptor file(
      ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
  if (!file.is_open()) return failed("open", path_);
  const auto starts = recent(read_end(file.number()), now);
  std::string lines;
  for (const auto start : starts)
    lines += std::to_string(start) + "\n";
  lines += std::to_string(std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
  lines += "\n";
  if (::ftruncate(file.number(), 0) != 0 ||
      ::pwrite(file.number(), lines.data(), lines.size(), 0) != static_cast<ssize_t>(lines.size()))
    return failed("write", path_);
  return starts.size();
}

void StartRecord::end_in_order() const
{
  ::unlink(path_.c_str()); // where it is not there, or stays, nothing is lost
}

} // namespace purser
