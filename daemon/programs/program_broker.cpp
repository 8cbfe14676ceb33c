#include "daemon/programs/program_broker.hpp"

#include "common/wiping.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/programs/broker_process.hpp"
#include "daemon/programs/session_keeper.hpp"
#include "daemon/programs/supervisor.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

using Socket = asio::local::stream_protocol::socket;

// The supervisor's own deadline comes first: it knows more.
constexpr Duration k_grace = std::chrono::seconds(1);
// Less than an asker waits: the disk may be a network's.
constexpr Duration k_session_limit = std::chrono::seconds(6);

class Counted {
public:
  explicit Counted(std::size_t& count) : count_(count) { ++count_; }
  ~Counted() { --count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

private:
  std::size_t& count_;
};

Error broker_gone()
{
  return with_remedy(
      {Errc::transient, "purserd cannot start programs any more: restart it, and look at its log"});
}

std::optional<std::pair<FileDescriptor, FileDescriptor>> make_job()
{
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return std::nullopt;
  return std::pair(FileDescriptor(ends[0]), FileDescriptor(ends[1]));
}

asio::awaitable<Result<Outcome>> read_outcome(Socket& job, std::size_t max_output)
{
  OutcomeHead head{};
  const auto [no_head, size] = co_await asio::async_read(job, asio::buffer(&head, sizeof head),
                                                         asio::as_tuple(asio::use_awaitable));
  if (no_head || head.output > max_output || head.words > k_max_words) co_return broker_gone();
  WipingBuffer text(head.output + head.words);
  const auto [cut, rest] =
      co_await asio::async_read(job, asio::buffer(text), asio::as_tuple(asio::use_awaitable));
  if (cut) co_return broker_gone();
  Outcome outcome;
  outcome.ending = static_cast<Ending>(head.ending);
  outcome.value = head.value;
  outcome.output = Secret({text.data(), head.output});
  outcome.words.assign(text.data() + head.output, head.words);
  co_return outcome;
}

std::string seconds_of(Duration limit)
{
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(limit).count()) + " s";
}

} // namespace

std::string last_line(std::string_view words)
{
  constexpr std::size_t k_longest = 200;
  const auto end = words.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return {};
  words = words.substr(0, end + 1);
  words.remove_prefix(words.find_last_of("\r\n") + 1);
  std::string line(words.substr(0, k_longest));
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return line;
}

Error program_failure(const std::string& name, const Outcome& outcome, Duration limit)
{
  switch (outcome.ending) {
  case Ending::not_started:
    return with_remedy({Errc::misconfigured,
                        name + " cannot be started (" +
                            std::generic_category().message(outcome.value) +
                            "): write its whole path, or give the rule an \"environment\" with "
                            "the PATH to look in"});
  case Ending::timed_out:
    return with_remedy({Errc::timeout, name + " was still running after " + seconds_of(limit) +
                                           " and was killed: run it by hand to see what it waits "
                                           "for"});
  case Ending::too_much:
    return with_remedy({Errc::protocol_error, name + " wrote more than " +
                                                  std::to_string(k_max_output >> 10U) +
                                                  " KiB and was killed: correct it"});
  case Ending::killed:
  case Ending::exited: break;
  }
  std::string what = name + (outcome.ending == Ending::killed ? " was killed by signal "
                                                              : " ended with exit code ");
  what += std::to_string(outcome.value);
  if (const auto said = last_line(outcome.words); !said.empty())
    what += " and said \"" + said + "\"";
  return with_remedy({Errc::transient, what + ": run it by hand to see why"});
}

ProgramBroker::ProgramBroker(asio::any_io_executor ex, Clock& clock, FileDescriptor broker)
  : ex_(std::move(ex)), clock_(clock), broker_(std::move(broker))
{
}

asio::awaitable<Result<Secret>>
ProgramBroker::run(Program program, std::string name, Duration limit)
{
  if (program.text().reveal().size() > k_max_program)
    co_return Error{Errc::misconfigured, name + " has more arguments and variables than 512 KiB"};
  Job job{std::move(program), Secret(), k_max_output};
  auto outcome = co_await outcome_of(std::move(job), limit);
  if (!outcome) co_return outcome.error();
  if (outcome->ending != Ending::exited || outcome->value != 0)
    co_return program_failure(name, *outcome, limit);
  co_return std::move(outcome->output);
}

asio::awaitable<Result<Outcome>>
ProgramBroker::converse(Program program, Secret input, Duration limit, std::size_t max_output)
{
  if (program.text().reveal().size() > k_max_program || input.reveal().size() > k_max_input)
    co_return Error{Errc::misconfigured, "more than a program can be given"};
  Job job{std::move(program), std::move(input), max_output};
  co_return co_await outcome_of(std::move(job), limit);
}

asio::awaitable<Result<Outcome>> ProgramBroker::outcome_of(Job job, Duration limit)
{
  if (running_ >= k_max_running)
    co_return Error{Errc::transient, "too many programs are running: try again"};
  const Counted counted(running_);
  co_return co_await with_timeout(clock_, limit + k_grace, exchange(std::move(job), limit));
}

asio::awaitable<Result<Outcome>> ProgramBroker::exchange(Job job, Duration limit)
{
  auto ends = make_job();
  if (!ends) co_return Error{Errc::transient, "cannot make a socket"};
  if (!broker_.is_open() || !pass_job(broker_, ends->second, Errand::program))
    co_return broker_gone();
  ends->second = FileDescriptor(); // ours would keep the socket open
  Socket socket(ex_, asio::local::stream_protocol(), ends->first.release());
  const std::string_view text = job.program.text().reveal();
  const std::string_view input = job.input.reveal();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
  const JobHead head{static_cast<unsigned>(text.size()), static_cast<unsigned>(input.size()),
                     static_cast<unsigned>(job.max_output), static_cast<unsigned>(milliseconds)};
  const std::array parts{asio::buffer(&head, sizeof head),
                         asio::buffer(static_cast<const void*>(text.data()), text.size()),
                         asio::buffer(static_cast<const void*>(input.data()), input.size())};
  const auto [error, size] =
      co_await asio::async_write(socket, parts, asio::as_tuple(asio::use_awaitable));
  if (error) co_return broker_gone();
  co_return co_await read_outcome(socket, job.max_output);
}

asio::awaitable<Result<>> ProgramBroker::keep_session(std::string path, Secret text)
{
  if (path.size() > k_max_session_path || text.reveal().size() > k_max_session)
    co_return Error{Errc::misconfigured, path + " is larger than a session may be"};
  co_return co_await with_timeout(clock_, k_session_limit,
                                  hand_session(std::move(path), std::move(text)));
}

asio::awaitable<Result<>> ProgramBroker::hand_session(std::string path, Secret text)
{
  auto ends = make_job();
  if (!ends) co_return Error{Errc::transient, "cannot make a socket"};
  if (!broker_.is_open() || !pass_job(broker_, ends->second, Errand::session))
    co_return broker_gone();
  ends->second = FileDescriptor(); // ours would keep the socket open
  Socket socket(ex_, asio::local::stream_protocol(), ends->first.release());
  const SessionHead head{static_cast<unsigned>(path.size()),
                         static_cast<unsigned>(text.reveal().size())};
  const std::array parts{
      asio::buffer(&head, sizeof head),
      asio::buffer(static_cast<const void*>(path.data()), path.size()),
      asio::buffer(static_cast<const void*>(text.reveal().data()), text.reveal().size())};
  const auto [error, size] =
      co_await asio::async_write(socket, parts, asio::as_tuple(asio::use_awaitable));
  if (error) co_return broker_gone();
  std::string answer;
  auto room = asio::dynamic_buffer(answer, k_max_session_answer);
  const auto [cut, got] =
      co_await asio::async_read_until(socket, room, '\n', asio::as_tuple(asio::use_awaitable));
  if (cut) co_return broker_gone();
  if (got > 1) co_return Error{Errc::misconfigured, answer.substr(0, got - 1)};
  co_return Result<>();
}

} // namespace purser
