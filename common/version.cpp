#include "common/version.hpp"

namespace purser {

std::string_view program_version()
{
  return PURSER_VERSION; // see the CMakeLists.txt beside this file
}

} // namespace purser
