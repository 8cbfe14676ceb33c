#include "daemon/programs/broker_process.hpp"
#include "daemon/programs/command_words.hpp"
#include "daemon/programs/program_broker.hpp"
#include "daemon/time/system_clock.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <signal.h>
#include <stdlib.h>

#include <deque>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser {
namespace {
namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

using Finished = std::optional<Result<Secret>>;

void rethrow(std::exception_ptr bug)
{
  if (bug) std::rethrow_exception(bug);
}

std::string shown(const Finished& finished)
{
  if (!finished) return "nothing came";
  if (*finished) return std::string((*finished)->reveal());
  return std::string(to_string(finished->error().code)) + ": " + finished->error().what;
}

std::string text_of(const std::string& path)
{
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Real programs, in real processes.
struct ProgramBrokerTest : testing::Test {
  std::string
  run(const std::string& command, std::vector<std::string> environment = {}, Duration limit = 20s)
  {
    Finished finished;
    start(command, finished, std::move(environment), limit);
    io.restart();
    io.run();
    return shown(finished);
  }
  Outcome converse(const std::string& command, std::string_view input)
  {
    std::optional<Result<Outcome>> finished;
    Program program(split_command(command).value(), {});
    asio::co_spawn(io,
                   keep_outcome(broker.converse(std::move(program), Secret(input), 20s), finished),
                   rethrow);
    io.restart();
    io.run();
    return std::move(finished.value().value());
  }
  static asio::awaitable<void> keep_outcome(asio::awaitable<Result<Outcome>> talk,
                                            std::optional<Result<Outcome>>& finished)
  {
    finished.emplace(co_await std::move(talk));
  }
  void start(const std::string& command,
             Finished& finished,
             std::vector<std::string> environment = {},
             Duration limit = 20s)
  {
    Program program(split_command(command).value(), environment);
    asio::co_spawn(io, keep(broker.run(std::move(program), "the program", limit), finished),
                   rethrow);
  }
  static asio::awaitable<void> keep(asio::awaitable<Result<Secret>> run, Finished& finished)
  {
    finished.emplace(co_await std::move(run));
  }

  // The process whose number stands in a file is gone, or will be within ten seconds.
  static bool gone(const std::string& pid_file)
  {
    const auto pid = static_cast<pid_t>(std::strtol(text_of(pid_file).c_str(), nullptr, 10));
    if (pid <= 1) return false;
    const timespec moment{0, 10'000'000};
    for (int i = 0; i < 1000; ++i) {
      if (::kill(pid, 0) != 0 && errno == ESRCH) return true;
      ::nanosleep(&moment, nullptr);
    }
    return false;
  }
  // The process has begun, since the file has its number.
  static bool begun(const std::string& pid_file)
  {
    const timespec moment{0, 10'000'000};
    for (int i = 0; i < 1000 && text_of(pid_file).empty(); ++i)
      ::nanosleep(&moment, nullptr);
    return !text_of(pid_file).empty();
  }

  const TemporaryFolder folder;
  asio::io_context io;
  SystemClock clock{io.get_executor()};
  ProgramBroker broker{io.get_executor(), clock, start_broker().value()};
};

TEST_F(ProgramBrokerTest, GivesWhatAProgramWrote)
{
  EXPECT_EQ(run("/bin/echo hello world"), "hello world\n");
  EXPECT_EQ(run("sh -c 'printf abc; exit 0'"), "abc");
  EXPECT_EQ(run("true"), "");
}

TEST_F(ProgramBrokerTest, AProgramReadsItsInputToTheEnd)
{
  const std::string input(k_max_input, 'x');
  const auto outcome = converse("cat", input);
  EXPECT_EQ(outcome.ending, Ending::exited);
  EXPECT_EQ(outcome.value, 0);
  EXPECT_EQ(outcome.output.reveal(), input);
}

TEST_F(ProgramBrokerTest, NobodyHasToReadItsInput)
{
  const auto outcome = converse("sh -c 'echo no; exit 3'", std::string(k_max_input, 'x'));
  EXPECT_EQ(outcome.value, 3);
  EXPECT_EQ(outcome.output.reveal(), "no\n");
}

TEST_F(ProgramBrokerTest, WithoutInputThereIsNothingToRead)
{
  EXPECT_EQ(converse("sh -c 'cat; readlink /proc/self/fd/0'", "").output.reveal(), "/dev/null\n");
}

TEST_F(ProgramBrokerTest, AnAnswerToInputMayBeLonger)
{
  const auto whole = converse("head -c 1048576 /dev/zero", "x");
  EXPECT_EQ(whole.output.reveal().size(), k_max_answer);
  EXPECT_EQ(converse("head -c 1048577 /dev/zero", "x").ending, Ending::too_much);
}

TEST_F(ProgramBrokerTest, AProgramThatFailsSaysWhyInItsLastLine)
{
  EXPECT_EQ(run("sh -c 'echo secret; echo first >&2; echo the reason >&2; exit 3'"),
            "transient: the program ended with exit code 3 and said \"the reason\": run it by hand "
            "to see why");
  EXPECT_EQ(run("sh -c 'exit 1'"),
            "transient: the program ended with exit code 1: run it by hand to see why");
  EXPECT_EQ(run("sh -c 'kill -9 $$'"),
            "transient: the program was killed by signal 9: run it by hand to see why");
}

TEST_F(ProgramBrokerTest, WhatItSaysCannotSteerATerminal)
{
  EXPECT_THAT(run(R"(sh -c 'printf "\033[2Ja\007b\r\n\n" >&2; exit 1')"),
              HasSubstr("said \"?[2Ja?b\""));
}

TEST_F(ProgramBrokerTest, ALongComplaintIsCut)
{
  const auto said = run("sh -c 'head -c 100000 /dev/zero | tr \"\\0\" x >&2; exit 1'");
  EXPECT_LT(said.size(), 400U);
}

TEST_F(ProgramBrokerTest, AProgramThatIsNotThereIsAnError)
{
  EXPECT_THAT(run("/no/such/program"),
              StartsWith("misconfigured: the program cannot be started (No such file"));
  EXPECT_THAT(run("no-such-program-anywhere"), StartsWith("misconfigured: "));
  EXPECT_THAT(run("/etc/passwd"), HasSubstr("Permission denied"));
}

TEST_F(ProgramBrokerTest, NamesAreLookedForInThePathThatItIsGiven)
{
  std::ofstream(folder / "tool") << "#!/bin/sh\necho found\n";
  ASSERT_EQ(::chmod((folder / "tool").c_str(), 0700), 0);
  EXPECT_EQ(run("tool", {"PATH=/nowhere:" + (folder / "")}), "found\n");
  EXPECT_THAT(run("tool", {"PATH=.:relative::/nowhere"}), HasSubstr("cannot be started"));
}

TEST_F(ProgramBrokerTest, ItHasTheVariablesGivenAndThoseThatEveryProgramNeeds)
{
  ASSERT_EQ(::setenv("PURSER_TEST_FAKE_SECRET", "fake", 1), 0);
  const ProgramBroker other(io.get_executor(), clock, start_broker().value());
  const auto said = run("env", {"A=1", "HOME=/h"});
  ::unsetenv("PURSER_TEST_FAKE_SECRET");
  EXPECT_THAT(said, HasSubstr("A=1\n"));
  EXPECT_THAT(said, HasSubstr("HOME=/h\n"));
  EXPECT_THAT(said, HasSubstr("PATH="));
  EXPECT_THAT(said, testing::Not(HasSubstr("PURSER_TEST_FAKE_SECRET")));
}

TEST_F(ProgramBrokerTest, ItInheritsNothingElse)
{
  EXPECT_EQ(run("sh -c 'cd /proc/self/fd && echo *'"),
            "0 1 2 3\n"); // 3 is the folder, by the shell
  EXPECT_EQ(run("sh -c 'readlink /proc/self/fd/0; umask; pwd; ulimit -c'"),
            "/dev/null\n0077\n/\n0\n");
  EXPECT_EQ(run("sh -c 'grep SigBlk /proc/self/status'"), "SigBlk:\t0000000000000000\n");
  for (const std::string signal : {"1", "2", "13", "15"}) // which the broker ignores
    EXPECT_THAT(run("sh -c 'kill -" + signal + " $$; echo alive'"),
                HasSubstr("killed by signal " + signal));
}

TEST_F(ProgramBrokerTest, AProgramThatDoesNotEndIsKilledWithItsGroup)
{
  const auto pid = folder / "pid";
  const auto said = run("sh -c 'sleep 1000 & echo $! >" + pid + "; wait'", {}, 1s);
  EXPECT_EQ(said, "timeout: the program was still running after 1 s and was killed: run it by hand "
                  "to see what it waits for");
  EXPECT_TRUE(gone(pid));
}

TEST_F(ProgramBrokerTest, AProgramThatIgnoresSignalsIsKilledAllTheSame)
{
  const auto pid = folder / "pid";
  EXPECT_THAT(run("sh -c 'trap \"\" TERM INT HUP; echo $$ >" + pid + "; sleep 1000'", {}, 1s),
              StartsWith("timeout: "));
  EXPECT_TRUE(gone(pid));
}

TEST_F(ProgramBrokerTest, OutputWithoutEndIsCutShort)
{
  EXPECT_THAT(run("yes"), StartsWith("protocol_error: the program wrote more than 64 KiB"));
  EXPECT_EQ(run("sh -c 'head -c 65536 /dev/zero | tr \"\\0\" x'").size(), 65536U);
  EXPECT_THAT(run("sh -c 'head -c 65537 /dev/zero | tr \"\\0\" x'"),
              StartsWith("protocol_error: "));
}

TEST_F(ProgramBrokerTest, WhatItLeavesRunningIsKilledAndHoldsNobody)
{
  const auto pid = folder / "pid";
  EXPECT_EQ(run("sh -c 'sleep 1000 & echo $! >" + pid + "; echo done'"), "done\n");
  EXPECT_TRUE(gone(pid));
}

TEST_F(ProgramBrokerTest, ACallerThatIsCancelledKillsIt)
{
  const auto pid = folder / "pid";
  asio::cancellation_signal signal;
  Program program(split_command("sh -c 'echo $$ >" + pid + "; exec sleep 1000'").value(), {});
  bool threw = false;
  asio::co_spawn(
      io, broker.run(std::move(program), "the program", 20s),
      asio::bind_cancellation_slot(signal.slot(), [&threw](std::exception_ptr bug, Result<Secret>) {
        threw = bug != nullptr;
      }));
  io.poll();
  ASSERT_TRUE(begun(pid));
  signal.emit(asio::cancellation_type::terminal);
  io.run();
  EXPECT_TRUE(threw);
  EXPECT_TRUE(gone(pid));
}

TEST_F(ProgramBrokerTest, ManyRunAtOnce)
{
  std::deque<Finished> all(ProgramBroker::k_max_running + 1);
  for (auto& finished : all)
    start("/bin/echo here", finished);
  io.run();
  for (std::size_t i = 0; i < ProgramBroker::k_max_running; ++i)
    EXPECT_EQ(shown(all[i]), "here\n");
  EXPECT_THAT(shown(all.back()), StartsWith("transient: too many programs"));
  EXPECT_EQ(run("/bin/echo again"), "again\n");
}

TEST_F(ProgramBrokerTest, WithoutABrokerNothingRuns)
{
  ProgramBroker none(io.get_executor(), clock, FileDescriptor());
  Program program(split_command("true").value(), {});
  Finished finished;
  asio::co_spawn(io, keep(none.run(std::move(program), "the program", 5s), finished), rethrow);
  io.run();
  EXPECT_THAT(shown(finished), StartsWith("transient: purserd cannot start programs any more"));
}

TEST_F(ProgramBrokerTest, TheTextOfAProgramIsTakenApartAsItWasMade)
{
  std::vector<Secret> words;
  words.emplace_back("mint");
  words.emplace_back("");
  words.emplace_back("a=b");
  const Program program(words, {"A=1", "B="});
  ProgramParts parts;
  ASSERT_TRUE(take_apart(program.text().reveal(), parts));
  EXPECT_THAT(parts.words, testing::ElementsAre("mint", "", "a=b"));
  EXPECT_THAT(parts.environment, testing::ElementsAre("A=1", "B="));
  for (const std::string_view bad : {std::string_view(""), std::string_view("1"),
                                     std::string_view("0\0", 2), std::string_view("x\0a\0", 4),
                                     std::string_view("2\0a\0", 4), std::string_view("1\0a", 3)}) {
    ProgramParts none;
    EXPECT_FALSE(take_apart(bad, none)) << bad;
  }
}

} // namespace
} // namespace purser
