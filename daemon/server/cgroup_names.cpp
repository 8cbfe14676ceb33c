#include "daemon/server/cgroup_names.hpp"

#include "common/file_descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace purser {
namespace {

// A cgroup's name may have as many bytes as a path; the other hierarchies have a line each.
constexpr std::size_t k_most_text = 8192;

// Where cgroup2 is mounted; the second beside the hierarchies of cgroup1.
constexpr std::array<std::string_view, 2> k_mounts{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

std::string read_memberships(pid_t process)
{
  const std::string path = "/proc/" + std::to_string(process) + "/cgroup";
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text(k_most_text, '\0');
  const ssize_t size = file.is_open() ? ::read(file.number(), text.data(), text.size()) : 0;
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return text;
}

// Whether the cgroup of this name has that number: a process may have moved to another one
// between the two questions.
bool has_number(std::string_view name, std::uint64_t id)
{
  return std::any_of(k_mounts.begin(), k_mounts.end(), [name, id](std::string_view mount) {
    struct stat folder {};
    const std::string path = std::string(mount) + std::string(name);
    return ::stat(path.c_str(), &folder) == 0 && folder.st_ino == id;
  });
}

std::string_view cut_until(std::string_view& text, char end)
{
  const std::string_view part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

// In the text of a /proc/PID/cgroup, which has a line "NUMBER:CONTROLLERS:NAME" for each hierarchy.
struct Memberships {
  explicit Memberships(std::string_view text)
  {
    while (!text.empty()) {
      std::string_view line = cut_until(text, '\n');
      const std::string_view number = cut_until(line, ':');
      const std::string_view controllers = cut_until(line, ':');
      if (number == "0") cgroup2 = line;
      if (controllers == "name=systemd") systemd = line;
    }
  }

  std::string_view cgroup2;
  std::string_view systemd;
};

} // namespace

bool CgroupNames::remembers(std::optional<std::uint64_t> id) const
{
  return id && std::any_of(known_.begin(), known_.end(),
                           [id](const Known& each) { return each.id == *id; });
}

SharedText CgroupNames::name(pid_t process, std::optional<std::uint64_t> id)
{
  if (id) {
    const auto known = std::find_if(known_.begin(), known_.end(),
                                    [id](const Known& each) { return each.id == *id; });
    if (known != known_.end()) return known->name;
  }
  const std::string text = read_memberships(process);
  const Memberships in(text);
  SharedText name(in.cgroup2.empty() ? in.systemd : in.cgroup2);
  if (!id || !has_number(in.cgroup2, *id)) return name;
  if (known_.size() >= k_most) known_.erase(known_.begin());
  known_.push_back(Known{*id, name});
  return name;
}

} // namespace purser
