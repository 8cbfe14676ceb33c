#include "daemon/server/user_namespace.hpp"

#include <fstream>
#include <limits>
#include <sstream>
#include <string>

namespace purser {
namespace {

constexpr uid_t k_usual_overflow = 65534;

std::string text_of(const char* path)
{
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

} // namespace

UserNamespace::UserNamespace(std::string_view uid_map, std::string_view overflow_uid)
  : overflow_(k_usual_overflow)
{
  std::istringstream number{std::string(overflow_uid)};
  if (uid_t read = 0; number >> read) overflow_ = read;
  std::istringstream ranges{std::string(uid_map)};
  uid_t inside = 0;
  uid_t outside = 0;
  uid_t count = 0;
  while (ranges >> inside >> outside >> count) {
    if (overflow_ >= inside && overflow_ - inside < count) overflow_is_mapped_ = true;
    if (inside == 0 && outside == 0 && count == std::numeric_limits<uid_t>::max())
      outermost_ = true;
  }
}

UserNamespace UserNamespace::of_this_process()
{
  return {text_of("/proc/self/uid_map"), text_of("/proc/sys/kernel/overflowuid")};
}

bool UserNamespace::tells_apart(uid_t user) const
{
  return user != overflow_ || overflow_is_mapped_;
}

} // namespace purser
