#include "daemon/store/session_bus.hpp"

#include <sys/stat.h>

#include <string_view>

namespace purser {
namespace {

std::string value_of(const std::vector<std::string>& environment, std::string_view name)
{
  const std::string begin = std::string(name) + "=";
  for (const auto& entry : environment)
    if (entry.starts_with(begin)) return entry.substr(begin.size());
  return {};
}

} // namespace

SessionBus::SessionBus(const std::vector<std::string>& environment)
  : named_(!value_of(environment, "DBUS_SESSION_BUS_ADDRESS").empty())
{
  const auto runtime = value_of(environment, "XDG_RUNTIME_DIR");
  if (!named_ && runtime.starts_with('/')) socket_ = runtime + "/bus";
}

bool SessionBus::at_hand() const
{
  struct stat status {};
  return named_ || (!socket_.empty() && ::stat(socket_.c_str(), &status) == 0);
}

} // namespace purser
