#include "cli/own_home.hpp"

#include "cli/printable.hpp"
#include "common/foreign_home.hpp"

#include <cstdlib>
#include <string>

namespace purser::cli {

Result<> check_home()
{
  const char* const home = std::getenv("HOME");
  if (!is_foreign_home(home)) return {};
  return Error(Errc::misconfigured, "HOME is " + printable(home) +
                                        ", which belongs to another user; set it to your own, as "
                                        "`sudo -H` does");
}

} // namespace purser::cli
