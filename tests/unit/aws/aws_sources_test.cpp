#include "daemon/providers/aws/aws_sources.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <optional>

namespace purser::aws {
namespace {
namespace asio = boost::asio;
using namespace std::chrono_literals;

asio::awaitable<void> occupy(WorkerPool& pool, std::shared_future<void> until)
{
  auto job = [until] {
    until.wait();
    return Result<int>(0);
  };
  (void)co_await pool.run<int>(std::move(job));
}

asio::awaitable<void> ask(AwsSources& sources, std::optional<Result<AwsSourcePtr>>& outcome)
{
  const auto asker = std::make_shared<const Asker>(Environment("HOME=/nowhere"), "/", true);
  auto standpoint = Standpoint::of_asker(asker, std::nullopt);
  AwsSources::Question question(std::move(standpoint), std::nullopt, "us-east-1", false);
  outcome.emplace(co_await sources.resolve(std::move(question)));
}

void rethrow(std::exception_ptr bug)
{
  if (bug) std::rethrow_exception(bug);
}

TEST(AwsSources, ADiskThatHangsIsSaid)
{
  asio::io_context io;
  test::ManualClock clock(io);
  WorkerPool files(io.get_executor(), "files", 1);
  const SealingKey key = SealingKey::random();
  AwsSources sources(io.get_executor(), clock, files, key);
  std::promise<void> disk;
  asio::co_spawn(io, occupy(files, disk.get_future().share()), rethrow);

  std::optional<Result<AwsSourcePtr>> outcome;
  asio::co_spawn(io, ask(sources, outcome), rethrow);
  clock.advance(5s);
  EXPECT_FALSE(outcome);
  clock.advance(2s);
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->error().code, Errc::timeout);
  EXPECT_NE(outcome->error().what.find("/nowhere/.aws/config"), std::string::npos);
  disk.set_value();
}

} // namespace
} // namespace purser::aws
