#include "cli/run/keeper.hpp"

#include "cli/run/daemon_child.hpp"
#include "cli/run/descendants.hpp"
#include "cli/run/job_environment.hpp"
#include "cli/run/listening.hpp"
#include "common/write_all.hpp"
#include "daemon/config/config.hpp"
#include "daemon/config/small_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

namespace purser::cli::jobs {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr int k_look_ms = 60'000; // how soon it is noticed that the folder is gone
constexpr auto k_unused = 24h;
constexpr auto k_stop_limit = 5s;
constexpr int k_start_limit_ms = 10'000;
constexpr auto k_good_start = 10s; // what lives so long has started
constexpr int k_most_failures = 5;
constexpr int k_gave_up = 1;
constexpr std::size_t k_max_config = std::size_t{1} << 20;

// Nobody else reaches the folder. Where the socket is mounted into a container whose user is one of
// the configuration's `peers`, that user has to be able to connect; the daemon looks who it is.
mode_t socket_mode(const std::string& folder)
{
  const auto text = read_own_file(folder + k_job_config, k_max_config);
  const auto config = text && *text ? parse_config(**text) : Result<Config>(Error());
  return config && !config->peers.empty() ? 0666 : 0600;
}

class Keeper {
public:
  explicit Keeper(KeeperOrder order) : order_(std::move(order)), signals_(open_signals()) {}

  Result<> begin()
  {
    if (!signals_.is_open()) return Error(Errc::transient, "cannot wait for signals");
    const auto& path = order_.folder.path;
    auto program = find_purserd();
    if (!program) return program.error();
    auto agent = listen_at(path + k_agent_socket, socket_mode(path));
    if (!agent) return agent.error();
    auto stop = listen_at(path + k_stop_socket);
    if (!stop) return stop.error();
    agent_ = std::move(*agent);
    stop_ = std::move(*stop);
    if (!order_.log.empty())
      log_ = FileDescriptor(
          ::open(order_.log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    if (!order_.log.empty() && !log_.is_open())
      return Error(Errc::misconfigured, order_.log + ": " + std::generic_category().message(errno));
    adopt_descendants();
    start_ = DaemonStart{*program, daemon_environment(path), agent_.number(), -1, log_.number()};
    return start_and_wait();
  }

  void say(std::string_view text) const { (void)write_all(order_.ready.number(), text); }

  // Until the job has ended. False where its daemon dies again and again.
  bool watch()
  {
    for (; !over_;) {
      std::array<pollfd, 4> wanted{pollfd{signals_.number(), POLLIN, 0},
                                   pollfd{stop_.number(), POLLIN, 0},
                                   pollfd{order_.life.number(), POLLIN, 0},
                                   pollfd{daemon_ ? -1 : agent_.number(), POLLIN, 0}};
      if (::poll(wanted.data(), wanted.size(), k_look_ms) < 0 && errno != EINTR) break;
      if (wanted[0].revents != 0) take_signals();
      over_ = over_ || wanted[1].revents != 0 || wanted[2].revents != 0 || lost_ || unused();
      if (over_) break;
      if (wanted[3].revents != 0 && !start_daemon()) return false;
      if (failures_ >= k_most_failures) return false;
    }
    return true;
  }

  // All that the job had is gone when it returns; whoever asked for that waits until we end.
  void end()
  {
    agent_ = FileDescriptor();
    if (daemon_) ::kill(*daemon_, SIGTERM);
    end_descendants(signals_, k_stop_limit);
    remove_job_folder(order_.folder.path);
    // Whoever waits for us waits for these: the end of the process closes them, and nothing before.
    (void)order_.ready.release();
    (void)stop_.release();
  }

private:
  // The first start is the one that can go wrong for good.
  Result<> start_and_wait()
  {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Error(Errc::transient, "cannot make a pipe");
    const FileDescriptor ours(ends[0]);
    FileDescriptor theirs(ends[1]);
    start_.ready = theirs.number();
    const auto started = start_daemon();
    start_.ready = -1;
    if (!started) return started.error();
    theirs = FileDescriptor();
    pollfd wanted{ours.number(), POLLIN, 0};
    char byte = 0;
    if (::poll(&wanted, 1, k_start_limit_ms) == 1 && ::read(ours.number(), &byte, 1) == 1)
      return {};
    return Error(Errc::misconfigured,
                 start_.program + " was started and does not answer; --log FILE tells why");
  }

  Result<> start_daemon()
  {
    auto started = start_purserd(start_);
    if (!started) return started.error();
    daemon_ = *started;
    started_at_ = steady_clock::now();
    return {};
  }

  void take_signals()
  {
    signalfd_siginfo one{};
    while (::read(signals_.number(), &one, sizeof one) == sizeof one)
      if (one.ssi_signo != SIGCHLD) over_ = true;
    int status = 0;
    for (pid_t child = 0; (child = ::waitpid(-1, &status, WNOHANG)) > 0;)
      if (daemon_ == child) daemon_ended(status);
  }

  // One that has nothing to do ends with 0, and is started again when somebody asks.
  void daemon_ended(int status)
  {
    daemon_.reset();
    last_used_ = steady_clock::now();
    const bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    const bool lived = steady_clock::now() - started_at_ >= k_good_start;
    failures_ = well || lived ? 0 : failures_ + 1;
    if (!well && failures_ < k_most_failures && !start_daemon()) failures_ = k_most_failures;
  }

  bool unused()
  {
    struct stat status {};
    lost_ = ::lstat((order_.folder.path + k_agent_socket).c_str(), &status) != 0;
    const bool forgotten = !order_.life.is_open() && !daemon_;
    return lost_ || (forgotten && steady_clock::now() - last_used_ >= k_unused);
  }

  KeeperOrder order_;
  FileDescriptor signals_;
  FileDescriptor agent_;
  FileDescriptor stop_;
  FileDescriptor log_;
  DaemonStart start_;
  std::optional<pid_t> daemon_; // nothing: it ended in order
  steady_clock::time_point started_at_;
  steady_clock::time_point last_used_;
  int failures_ = 0;
  bool lost_ = false;
  bool over_ = false;
};

} // namespace

int keep(KeeperOrder order)
{
  Keeper keeper(std::move(order));
  const auto begun = keeper.begin();
  keeper.say(begun ? "ready\n" : begun.error().what + "\n");
  const bool well = begun && keeper.watch();
  keeper.end();
  return well ? 0 : k_gave_up;
}

} // namespace purser::cli::jobs
