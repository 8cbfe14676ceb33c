#pragma once

#include "common/file_descriptor.hpp"
#include "common/result.hpp"
#include "daemon/programs/program.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace purser {

// What a person may see of an outcome's words: the last line that is not empty, at most 200
// bytes, without what steers terminals.
[[nodiscard]] std::string last_line(std::string_view words);

// What is wrong where a program did not exit with 0 within `limit`. `name` stands for it; the last
// line that it wrote to standard error is quoted, its output never: transient where it failed
// (nobody knows why), timeout, protocol_error where it wrote too much, misconfigured where it
// cannot be started.
[[nodiscard]] Error
program_failure(const std::string& name, const Outcome& outcome, Duration limit);

// Runs programs that the configuration names, and one of our own, through the broker process.
class ProgramBroker {
public:
  static constexpr std::size_t k_max_running = 32;

  // `broker` is what start_broker() returned; one that is not open refuses every program.
  ProgramBroker(boost::asio::any_io_executor ex, Clock& clock, FileDescriptor broker);

  // The standard output of a program that ended with 0 within `limit`, at most k_max_output
  // bytes; or its program_failure().
  //
  // A caller that is cancelled kills the program with all of its process group.
  [[nodiscard]] boost::asio::awaitable<Result<Secret>>
  run(Program program, std::string name, Duration limit);

  // How a program ended that finds `input`, at most k_max_input bytes, on its standard input; it
  // may write `max_output` bytes. An error only where it could not be tried, or nobody knows.
  [[nodiscard]] boost::asio::awaitable<Result<Outcome>>
  converse(Program program, Secret input, Duration limit, std::size_t max_output = k_max_answer);

  // Replaces the file in which the aws command keeps a session, outside of the sandbox
  // (session_keeper.hpp), durable when it returns. Errors: transient or misconfigured.
  [[nodiscard]] boost::asio::awaitable<Result<>> keep_session(std::string path, Secret text);

  // For the program that takes our place (Inheritance).
  [[nodiscard]] const FileDescriptor& process() const { return broker_; }

private:
  // Without input there is /dev/null to read.
  struct Job {
    Program program;
    Secret input;
    std::size_t max_output;
  };
  boost::asio::awaitable<Result<Outcome>> outcome_of(Job job, Duration limit);
  boost::asio::awaitable<Result<Outcome>> exchange(Job job, Duration limit);
  boost::asio::awaitable<Result<>> hand_session(std::string path, Secret text);

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  FileDescriptor broker_;
  std::size_t running_ = 0;
};

} // namespace purser
