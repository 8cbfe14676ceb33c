#include "helper/reach.hpp"

#include "common/run_folder.hpp"
#include "helper/daemon_program.hpp"
#include "helper/environment.hpp"
#include "helper/spawn.hpp"
#include "helper/spawn_lock.hpp"
#include "helper/trace.hpp"

#include <sys/stat.h>

#include <array>
#include <cstring>

namespace purser::helper {
namespace {

using Reach = Connection::Reach;

// Before each start, in milliseconds. A second one, since the daemon before may not be
// quite gone: it no longer listens, and still holds the lock of a daemon.
constexpr std::array k_pauses{0, 100};

constexpr std::string_view k_correct = "correct that, or name another path in PURSER_SOCKET";
constexpr std::string_view k_install = "install purser again, or name purserd in PURSER_DAEMON";
constexpr std::string_view k_look = "run `purserd` to see what it says";

bool may_start()
{
  const std::string_view forbidden = variable("PURSER_NO_START");
  return forbidden.empty() || forbidden == "0";
}

Connection without(Reach reach, const Line& cause, std::string_view remedy)
{
  Connection connection;
  connection.reach = reach;
  connection.cause = cause;
  connection.remedy = remedy;
  return connection;
}

Connection not_locked(const SpawnLock& lock)
{
  Line cause;
  if (lock.state == SpawnLock::State::timed_out)
    return without(Reach::timed_out, cause << "another helper is still starting purserd", k_look);
  cause << "the lock on the folder of purserd's socket failed: " << strerror(lock.error);
  return without(Reach::absent, cause, k_correct);
}

Connection start_and_connect(const SocketPath& path, const Deadline& deadline)
{
  const DaemonProgram program = find_daemon_program();
  if (!program.problem.empty()) return without(Reach::absent, program.problem, k_install);
  const DaemonEnvironment environment;
  Line cause;
  for (const int pause : k_pauses) {
    deadline.pause(pause);
    trace(Line() << "starting " << program.path.data());
    const Started started = start_daemon(program, environment, deadline);
    if (started == Started::timed_out)
      return without(Reach::timed_out, cause << "purserd was started and is not ready", k_look);
    Connection connection = connect_to(path, deadline);
    if (connection.reach != Reach::absent || started == Started::ready) return connection;
  }
  return without(Reach::absent, cause << "purserd was started and ended at once", k_look);
}

Line what_is_wrong(const RunFolder& run)
{
  Line line;
  line << "the folder ";
  return line.quote(run.path) << " " << run.problem;
}

// Nobody listens at `path`.
Connection start_under_lock(const SocketPath& path, const Deadline& deadline)
{
  umask(077); // whatever we make is ours alone
  const RunFolder run = open_run_folder(path.view());
  if (!run.problem.empty()) return without(Reach::absent, what_is_wrong(run), k_correct);
  const SpawnLock lock = take_spawn_lock(run.folder, deadline);
  if (lock.state != SpawnLock::State::held) return not_locked(lock);

  Connection again = connect_to(path, deadline);
  if (again.reach != Reach::absent) return again;
  return start_and_connect(path, deadline);
}

} // namespace

Connection reach_daemon(const SocketPath& path, const Deadline& deadline)
{
  Connection connection = connect_to(path, deadline);
  if (connection.reach != Reach::absent) return connection;
  trace(Line() << connection.cause.text());
  if (!may_start()) return without(Reach::forbidden, connection.cause, connection.remedy);
  return start_under_lock(path, deadline);
}

Connection reach_once()
{
  Connection connection;
  const DaemonProgram program = find_daemon_program();
  const DaemonEnvironment environment;
  if (!program.problem.empty() || !may_start()) return connection;
  trace(Line() << "starting " << program.path.data() << " --once");
  connection.socket = start_once(program, environment);
  connection.reach = connection.socket.open() ? Reach::connected : Reach::absent;
  return connection;
}

} // namespace purser::helper
