#include "helper/trace.hpp"

#include "helper/environment.hpp"

#include <unistd.h>

namespace purser::helper {

bool tracing()
{
  static const bool asked = variable("PURSER_DEBUG") == "1";
  return asked;
}

void trace(const Line& step)
{
  if (!tracing()) return;
  Line line;
  line << "purser: [" << static_cast<int>(getpid()) << "] " << step.text() << "\n";
  // Nobody can be told that this failed.
  [[maybe_unused]] const ssize_t written =
      write(STDERR_FILENO, line.text().data(), line.text().size());
}

} // namespace purser::helper
