#include "daemon/programs/broker_process.hpp"
#include "daemon/programs/program_broker.hpp"
#include "daemon/programs/session_keeper.hpp"
#include "daemon/time/system_clock.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace purser {
namespace {
namespace asio = boost::asio;
using testing::HasSubstr;

const std::string k_sha1(40, 'a');
const std::string k_sha256(64, '0');

// A real broker, which writes real files.
struct SessionKeeperTest : testing::Test {
  std::string put(const std::string& name, std::string_view text)
  {
    std::string path = folder / name;
    std::ofstream(path) << text;
    return path;
  }
  static std::string text_of(const std::string& path)
  {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // What is wrong; empty where nothing is.
  std::string keep(const std::string& path, std::string_view text)
  {
    std::optional<Result<>> outcome;
    asio::co_spawn(io, keep_outcome(broker.keep_session(path, Secret(text)), outcome),
                   [](std::exception_ptr bug) {
                     if (bug) std::rethrow_exception(bug);
                   });
    io.restart();
    io.run();
    return *outcome ? "" : outcome->error().what;
  }
  static asio::awaitable<void> keep_outcome(asio::awaitable<Result<>> kept,
                                            std::optional<Result<>>& outcome)
  {
    outcome.emplace(co_await std::move(kept));
  }

  TemporaryFolder folder;
  asio::io_context io;
  SystemClock clock{io.get_executor()};
  ProgramBroker broker{io.get_executor(), clock, start_broker().value()};
};

TEST_F(SessionKeeperTest, ASessionThatIsThereIsReplaced)
{
  const std::string large(200'000, 'x');
  for (const auto& name : {k_sha1, k_sha256}) {
    const auto path = put(name + ".json", "old");
    EXPECT_EQ(keep(path, large), "");
    EXPECT_EQ(text_of(path), large);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
  }
}

TEST_F(SessionKeeperTest, NothingIsMadeThatWasNotThere)
{
  const auto path = folder / (k_sha1 + ".json");
  EXPECT_THAT(keep(path, "new"), HasSubstr("is no file of ours"));
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SessionKeeperTest, NoOtherFileIsReplaced)
{
  for (const auto& name : {std::string("config"), std::string("authorized_keys"), k_sha1,
                           k_sha1 + ".txt", k_sha1 + "b.json", std::string(40, 'g') + ".json",
                           std::string(40, 'A') + ".json", std::string(".json")}) {
    const auto path = put(name, "old");
    EXPECT_THAT(keep(path, "new"), HasSubstr("is no file of ours")) << name;
    EXPECT_EQ(text_of(path), "old") << name;
  }
  std::filesystem::create_directory(folder / (k_sha256 + ".json"));
  EXPECT_FALSE(is_session_file(folder / (k_sha256 + ".json")));
}

TEST_F(SessionKeeperTest, APathThatIsNotAbsoluteIsNone)
{
  const std::string name = k_sha1 + ".json";
  put(name, "old");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder / ".");
  EXPECT_FALSE(is_session_file(name));
  std::filesystem::current_path(before);
  EXPECT_TRUE(is_session_file(folder / name));
}

TEST_F(SessionKeeperTest, WithoutABrokerThatIsSaid)
{
  ProgramBroker gone{io.get_executor(), clock, FileDescriptor()};
  std::optional<Result<>> outcome;
  asio::co_spawn(io, keep_outcome(gone.keep_session("/x", Secret("y")), outcome),
                 [](std::exception_ptr) {});
  io.run();
  ASSERT_TRUE(outcome && !*outcome);
  EXPECT_THAT(outcome->error().what, HasSubstr("restart it"));
}

} // namespace
} // namespace purser
