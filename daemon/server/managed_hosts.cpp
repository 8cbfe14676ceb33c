#include "daemon/server/managed_hosts.hpp"

#include <cerrno>
#include <set>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace purser {
namespace {

Error failed(const std::string& path)
{
  return {Errc::transient, "cannot write " + path + ": " + std::generic_category().message(errno)};
}

bool write_all(int fd, std::string_view text)
{
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

} // namespace

std::string managed_hosts(const std::vector<Rule>& rules, const std::vector<StoredName>& stored)
{
  std::set<std::string> patterns;
  for (const Rule& rule : rules)
    if (!rule.anonymous) patterns.insert(rule.match);
  for (const StoredName& name : stored)
    patterns.insert(name.key);
  std::string lines;
  for (const std::string& pattern : patterns)
    lines += pattern + '\n';
  return lines;
}

Result<> write_managed_hosts(const std::string& path, const std::string& lines)
{
  const std::string folder = path.substr(0, path.rfind('/'));
  for (auto at = folder.find('/', 1);; at = folder.find('/', at + 1)) {
    if (::mkdir(folder.substr(0, at).c_str(), 0700) != 0 && errno != EEXIST) return failed(folder);
    if (at == std::string::npos) break;
  }
  const std::string fresh = path + ".new." + std::to_string(::getpid());
  ::unlink(fresh.c_str());
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failed(fresh);
  const bool written = write_all(fd, lines) && ::fsync(fd) == 0;
  ::close(fd);
  if (written && ::rename(fresh.c_str(), path.c_str()) == 0) return {};
  const Error error = failed(path);
  ::unlink(fresh.c_str());
  return error;
}

} // namespace purser
