#include "keyring/posture.hpp"

#include "common/hardening.hpp"
#include "keyring/glib.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser::keyring {
namespace {

constexpr unsigned k_life = 75; // seconds

volatile std::sig_atomic_t late_code = 0;

extern "C" void end_late(int)
{
  constexpr std::string_view line =
      "purser-keyring: the Secret Service did not answer in time: restart it\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(late_code);
}

// Variables choose what GLib and libsecret load, log and talk to. Without DISPLAY, GLib does
// not start a bus of its own where there is none.
void keep_variables()
{
  constexpr std::array names{"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "HOME",
                             "PURSER_KEYRING_PROMPT"};
  std::vector<std::pair<const char*, std::string>> kept;
  for (const char* name : names)
    if (const char* value = std::getenv(name)) kept.emplace_back(name, value);
  ::clearenv();
  for (const auto& [name, value] : kept)
    ::setenv(name, value.c_str(), 1);
  // No modules of GIO: it would load those of the desktop for a connection to a socket.
  ::setenv("GIO_MODULE_DIR", "/dev/null", 1);
}

GLogWriterOutput say_nothing(GLogLevelFlags, const GLogField*, gsize, gpointer)
{
  return G_LOG_WRITER_HANDLED;
}

} // namespace

void take_posture(int late)
{
  ::umask(077);
  (void)harden_process(); // it lives for milliseconds, and has nobody to tell
  ::signal(SIGPIPE, SIG_IGN);
  late_code = late;
  ::signal(SIGALRM, end_late);
  ::alarm(k_life);
  keep_variables();
  g_log_set_writer_func(say_nothing, nullptr, nullptr);
}

} // namespace purser::keyring
