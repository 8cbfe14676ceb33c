#include "daemon/programs/session_keeper.hpp"

#include "common/wiping.hpp"
#include "daemon/config/small_file.hpp"
#include "daemon/programs/job_stream.hpp"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>

namespace purser {

bool is_session_file(std::string_view path)
{
  constexpr std::string_view k_ending = ".json";
  constexpr std::size_t k_sha1 = 40;
  constexpr std::size_t k_sha256 = 64;
  auto name = path.substr(path.rfind('/') + 1);
  if (!path.starts_with('/') || !name.ends_with(k_ending)) return false;
  name.remove_suffix(k_ending.size());
  const bool digest = (name.size() == k_sha1 || name.size() == k_sha256) &&
                      name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  struct stat status {};
  return digest && ::stat(std::string(path).c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         (status.st_uid == ::geteuid() || status.st_uid == 0);
}

void keep_session(FileDescriptor job)
{
  SessionHead head{};
  if (!read_job(job, &head, sizeof head)) ::_exit(1);
  if (head.path > k_max_session_path || head.text > k_max_session) ::_exit(1);
  std::string path(head.path, '\0');
  WipingBuffer text(head.text);
  if (!read_job(job, path.data(), path.size())) ::_exit(1);
  if (!read_job(job, text.data(), text.size())) ::_exit(1);
  std::string wrong;
  if (!is_session_file(path))
    wrong = path + " is no file of ours that the aws command keeps a session in";
  else if (const auto done = replace_file(path, {text.data(), text.size()}); !done)
    wrong = done.error().what;
  answer_job(job, wrong + "\n");
  ::explicit_bzero(text.data(), text.size());
  ::_exit(0);
}

} // namespace purser
