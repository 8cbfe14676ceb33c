#include "daemon/restart/successor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

namespace purser {
namespace {

constexpr int k_out_of_the_way = 64;

Error failed(const std::string& step)
{
  return {Errc::internal, "cannot hand over to a new purserd: " + step + ": " +
                              std::generic_category().message(errno)};
}

// First away from where they go to, or one would be closed by another.
bool move_into_place(std::vector<int> descriptors)
{
  for (int& descriptor : descriptors)
    if ((descriptor = ::fcntl(descriptor, F_DUPFD_CLOEXEC, k_out_of_the_way)) < 0) return false;
  int number = k_first_inherited;
  for (const int descriptor : descriptors)
    if (::dup2(descriptor, number++) < 0) return false; // which the next program inherits
  return true;
}

} // namespace

Error become(const std::string& path, const Inheritance& inheritance)
{
  if (!move_into_place(inheritance.descriptors)) return failed("descriptors");
  for (const auto& entry : inheritance.environment) {
    const auto equals = entry.find('=');
    if (::setenv(entry.substr(0, equals).c_str(), entry.substr(equals + 1).c_str(), 1) != 0)
      return failed("environment");
  }
  // Nobody will ask how the process ended that starts programs for us.
  std::signal(SIGCHLD, SIG_IGN);
  std::vector<std::string> words{path};
  words.insert(words.end(), inheritance.arguments.begin(), inheritance.arguments.end());
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::execv(path.c_str(), arguments.data());
  Error error = failed(path);
  ::execv("/proc/self/exe", arguments.data());
  return error;
}

} // namespace purser
