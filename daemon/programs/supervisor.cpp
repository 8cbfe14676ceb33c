#include "daemon/programs/supervisor.hpp"

#include "common/wiping.hpp"
#include "daemon/programs/job_stream.hpp"
#include "daemon/programs/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// No event loop here: a process that does one thing and ends.
namespace purser {
namespace {

// What a program needs of the daemon's environment where the request does not say it.
constexpr std::array<const char*, 7> k_passed_on{"PATH",   "USER", "LOGNAME", "LANG",
                                                 "LC_ALL", "TZ",   "TMPDIR"};

struct Pipe {
  FileDescriptor ours;
  FileDescriptor theirs;
};

std::optional<Pipe> make_pipe()
{
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  Pipe made{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return made;
}

// What a program can read whole, without anybody who writes: it never leaves the kernel's own
// memory, which is not swapped. Not open where there is no room for it.
FileDescriptor filled_pipe(std::string_view text)
{
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  FileDescriptor reading(ends[0]);
  const FileDescriptor writing(ends[1]);
  ::fcntl(writing.number(), F_SETPIPE_SZ, static_cast<int>(text.size()));
  ::fcntl(writing.number(), F_SETFL, O_NONBLOCK);
  const auto put = ::write(writing.number(), text.data(), text.size());
  if (put < 0) return {};
  if (static_cast<std::size_t>(put) == text.size()) return reading;
  errno = ENOBUFS;
  return {};
}

// The arguments of execve().
class Vectors {
public:
  explicit Vectors(const ProgramParts& parts)
  {
    for (const auto word : parts.words)
      words_.emplace_back(word);
    for (const auto entry : parts.environment)
      environment_.emplace_back(entry);
    for (const char* const name : k_passed_on)
      if (const char* const value = ::getenv(name); value != nullptr && variable(name).empty())
        environment_.push_back(std::string(name) + "=" + value);
    point(words_, word_pointers_);
    point(environment_, entry_pointers_);
  }

  [[nodiscard]] const std::string& name() const { return words_.front(); }
  [[nodiscard]] char* const* words() { return word_pointers_.data(); }
  [[nodiscard]] char* const* environment() { return entry_pointers_.data(); }

  // Empty where it is not set.
  [[nodiscard]] std::string_view variable(std::string_view name) const
  {
    for (const auto& entry : environment_) {
      const std::string_view text = entry;
      if (text.size() > name.size() && text.starts_with(name) && text[name.size()] == '=')
        return text.substr(name.size() + 1);
    }
    return {};
  }

private:
  static void point(std::vector<std::string>& texts, std::vector<char*>& pointers)
  {
    for (auto& text : texts)
      pointers.push_back(text.data());
    pointers.push_back(nullptr);
  }

  std::vector<std::string> words_;
  std::vector<std::string> environment_;
  std::vector<char*> word_pointers_;
  std::vector<char*> entry_pointers_;
};

// Where the program may be. Folders of PATH that are not absolute are left out: what they
// mean depends on where somebody stands.
std::vector<std::string> candidates(const Vectors& vectors)
{
  if (vectors.name().find('/') != std::string::npos) return {vectors.name()};
  std::vector<std::string> found;
  std::string_view rest = vectors.variable("PATH");
  while (!rest.empty()) {
    const auto folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    if (folder.starts_with('/')) found.push_back(std::string(folder) + "/" + vectors.name());
  }
  return found;
}

class SpawnSettings {
public:
  // `input` is /dev/null where it is not open.
  SpawnSettings(const FileDescriptor& input, int output, int words)
  {
    sigset_t signals;
    ::posix_spawn_file_actions_init(&files_);
    if (input.is_open())
      ::posix_spawn_file_actions_adddup2(&files_, input.number(), 0);
    else
      ::posix_spawn_file_actions_addopen(&files_, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files_, output, 1);
    ::posix_spawn_file_actions_adddup2(&files_, words, 2);
    ::posix_spawn_file_actions_addclosefrom_np(&files_, 3);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setflags(&attributes_,
                               POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
  }
  ~SpawnSettings()
  {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&files_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  // 0, or an errno.
  int start(pid_t& child, const std::string& path, Vectors& vectors) const
  {
    return ::posix_spawn(&child, path.c_str(), &files_, &attributes_, vectors.words(),
                         vectors.environment());
  }

private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

// The program, from its start to its end.
class Run {
public:
  Run(int job, std::size_t max_output) : job_(job), max_output_(max_output) {}

  Outcome to_the_end(const ProgramParts& parts, std::string_view input, long limit_milliseconds)
  {
    if (const int error = start(parts, input); error != 0) return failed(error);
    deadline_ = now_in_milliseconds() + limit_milliseconds;
    std::optional<Outcome> outcome;
    while (!outcome)
      outcome = watch();
    // Before it is reaped: until then nobody else can have its number.
    ::kill(-child_, SIGKILL);
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {}
    if (outcome->ending == Ending::exited)
      outcome->output = Secret({output_.data(), output_.size()});
    outcome->words = words_;
    return std::move(*outcome);
  }

private:
  static Outcome failed(int error)
  {
    Outcome outcome;
    outcome.value = error;
    return outcome;
  }

  static Outcome ended(Ending ending, int value = 0)
  {
    Outcome outcome;
    outcome.ending = ending;
    outcome.value = value;
    return outcome;
  }

  int start(const ProgramParts& parts, std::string_view input)
  {
    sigset_t children;
    ::sigemptyset(&children);
    ::sigaddset(&children, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &children, nullptr);
    ended_ = FileDescriptor(::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK));
    auto output = make_pipe();
    auto words = make_pipe();
    FileDescriptor given;
    if (!input.empty()) given = filled_pipe(input);
    if (!ended_.is_open() || !output || !words || given.is_open() == input.empty()) return errno;
    const SpawnSettings settings(given, output->theirs.number(), words->theirs.number());
    Vectors vectors(parts);
    int error = ENOENT;
    for (const auto& path : candidates(vectors)) {
      const int tried = settings.start(child_, path, vectors);
      if (tried == 0 || (tried != ENOENT && tried != ENOTDIR)) error = tried;
      if (tried == 0) break;
    }
    from_output_ = std::move(output->ours);
    from_words_ = std::move(words->ours);
    return error;
  }

  // Waits for something to happen; the outcome where that was the end.
  std::optional<Outcome> watch()
  {
    const long left = deadline_ - now_in_milliseconds();
    if (left <= 0) return ended(Ending::timed_out);
    std::array<pollfd, 4> wanted{pollfd{job_, POLLIN, 0}, pollfd{ended_.number(), POLLIN, 0},
                                 pollfd{from_output_.number(), POLLIN, 0},
                                 pollfd{from_words_.number(), POLLIN, 0}};
    if (::poll(wanted.data(), wanted.size(), static_cast<int>(left)) <= 0) return std::nullopt;
    if (wanted[0].revents != 0) return ended(Ending::killed); // nobody wants it any more
    if (wanted[2].revents != 0) take_output();
    if (wanted[3].revents != 0) take_words();
    if (output_.size() > max_output_) return ended(Ending::too_much);
    return wanted[1].revents == 0 ? std::nullopt : see_end();
  }

  std::optional<Outcome> see_end()
  {
    signalfd_siginfo said{};
    while (::read(ended_.number(), &said, sizeof said) > 0) {}
    siginfo_t info{};
    const int error =
        ::waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED | WNOHANG | WNOWAIT);
    if (error != 0 || info.si_pid == 0) return std::nullopt;
    take_output(); // all that it wrote is in the pipes
    take_words();
    if (output_.size() > max_output_) return ended(Ending::too_much);
    return ended(info.si_code == CLD_EXITED ? Ending::exited : Ending::killed, info.si_status);
  }

  // At most a little over the limit: then it is too much.
  void take_output()
  {
    while (output_.size() <= max_output_ && read_some(from_output_)) {
      append(output_, {piece_.data(), got_});
    }
  }

  void take_words()
  {
    while (read_some(from_words_)) {
      words_.append(piece_.data(), got_);
      if (words_.size() > k_max_words) words_.erase(0, words_.size() - k_max_words);
    }
  }

  bool read_some(FileDescriptor& pipe)
  {
    for (;;) {
      const auto got = ::read(pipe.number(), piece_.data(), piece_.size());
      if (got < 0 && errno == EINTR) continue;
      if (got == 0) pipe = FileDescriptor(); // poll() ignores it from here on
      if (got <= 0) return false;
      got_ = static_cast<std::size_t>(got);
      return true;
    }
  }

  int job_;
  std::size_t max_output_;
  pid_t child_ = 0;
  long deadline_ = 0;
  FileDescriptor ended_;
  FileDescriptor from_output_;
  FileDescriptor from_words_;
  std::array<char, 4096> piece_{};
  std::size_t got_ = 0;
  WipingBuffer output_;
  std::string words_;
};

void answer(const FileDescriptor& job, const Outcome& outcome)
{
  OutcomeHead head{};
  head.ending = static_cast<unsigned char>(outcome.ending);
  head.value = outcome.value;
  head.output = static_cast<unsigned>(outcome.output.reveal().size());
  head.words = static_cast<unsigned>(outcome.words.size());
  answer_job(job, {reinterpret_cast<const char*>(&head), sizeof head});
  answer_job(job, outcome.output.reveal());
  answer_job(job, outcome.words);
}

} // namespace

void supervise(FileDescriptor job)
{
  ::signal(SIGCHLD, SIG_DFL); // the broker ignores it, and then nobody could wait
  JobHead head{};
  if (!read_job(job, &head, sizeof head)) ::_exit(1);
  if (head.size > k_max_program || head.input > k_max_input) ::_exit(1);
  WipingBuffer text(head.size);
  WipingBuffer input(head.input);
  if (!read_job(job, text.data(), text.size())) ::_exit(1);
  if (!read_job(job, input.data(), input.size())) ::_exit(1);
  ProgramParts parts;
  if (!take_apart({text.data(), text.size()}, parts)) ::_exit(1);
  Run run(job.number(), head.max_output);
  const std::string_view given(input.data(), input.size());
  answer(job, run.to_the_end(parts, given, head.limit_milliseconds));
  ::_exit(0);
}

} // namespace purser
