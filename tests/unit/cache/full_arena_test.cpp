#include "daemon/cache/token_cache.hpp"
#include "daemon/seal/arena.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_provider.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <new>
#include <string>
#include <vector>

// Where no locked memory is left, who asks is refused; what is held stays, nothing goes to
// ordinary memory, and the next one is served once there is some.
namespace purser::test {
namespace {

using namespace std::chrono_literals;

// The arena cannot be undone, so it is set up in a process of its own.
int in_child(const std::function<int()>& fact)
{
  const pid_t child = fork();
  if (child == 0) _exit(fact());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

struct Scene {
  asio::io_context io;
  ManualClock clock{io};
  ScriptedProvider provider{clock};
  SealingKey key = SealingKey::random();
  TokenCache cache{io.get_executor(), clock, [] { return 0.5; }, key};
  std::vector<Secret> hoard;

  void fill_arena()
  {
    for (std::size_t size = 2048; size > 0; size /= 2)
      try {
        for (;;)
          hoard.emplace_back(std::string(size, 'x'));
      } catch (const std::bad_alloc&) {
      }
  }

  asio::awaitable<Result<Handout>> ask(std::string identity)
  {
    const NamedProvider named{"ecr", &provider};
    Resolved resolved{Identity(std::move(identity)), "profile x"};
    co_return co_await cache.get(named, std::move(resolved), "r.example", Demand(8500ms));
  }
  asio::awaitable<void> receive(std::string identity, std::string& answer)
  {
    const auto handout = co_await contained(ask(std::move(identity)));
    answer = handout ? std::string(handout->secret.reveal()) : handout.error().what;
  }
  std::string get(std::string identity)
  {
    std::string answer = "(waiting)";
    asio::co_spawn(io, receive(std::move(identity), answer), asio::detached);
    clock.run();
    if (answer == "(waiting)") clock.advance(1s);
    return answer;
  }
};

constexpr std::string_view k_refusal = "too much is held in memory at once; try again";

TEST(FullArena, WhatIsHeldCannotBeOpenedUntilThereIsMemory)
{
  EXPECT_EQ(in_child([] {
              (void)init_arena();
              Scene scene;
              if (scene.get("dev") != "dev-1") return 1;
              scene.fill_arena();
              if (scene.get("dev") != k_refusal) return 2;
              scene.hoard.clear();
              return scene.get("dev") == "dev-1" && scene.provider.fetches == 1 ? 0 : 3;
            }),
            0);
}

TEST(FullArena, WhatIsFetchedIsRefusedAndTriedAgain)
{
  EXPECT_EQ(in_child([] {
              (void)init_arena();
              Scene scene;
              scene.fill_arena();
              if (scene.get("dev") != k_refusal) return 1;
              scene.hoard.clear();
              scene.clock.advance(2s);
              return scene.get("dev").starts_with("dev-") ? 0 : 2;
            }),
            0);
}

} // namespace
} // namespace purser::test
