#include "daemon/cache/token_cache.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_provider.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <malloc.h>

#include <cstddef>
#include <string>

// More identities than are kept, again and again: what is dropped is gone.
namespace purser::test {
namespace {

using namespace std::chrono_literals;

// A sanitizer's heap tells nothing of itself.
#if !defined(__SANITIZE_ADDRESS__) && defined(NDEBUG)

struct SlopeTest : testing::Test {
  asio::io_context io;
  ManualClock clock{io};
  ScriptedProvider provider{clock};
  SealingKey key = SealingKey::random();
  TokenCache cache{io.get_executor(), clock, [] { return 0.5; }, key};
  std::size_t answered = 0;

  SlopeTest() { spawn(io.get_executor(), "tend", cache.tend()); }

  asio::awaitable<void> ask(int number)
  {
    const std::string name = "identity-" + std::to_string(number);
    const NamedProvider named{"ecr", &provider};
    Resolved resolved{Identity(name), "profile " + name};
    const auto handout =
        co_await cache.get(named, std::move(resolved), name + ".example", Demand(8500ms));
    if (handout) ++answered;
  }
  void ask_all(int identities)
  {
    for (int number = 0; number < identities; ++number) {
      asio::co_spawn(io, ask(number), asio::detached);
      if (number % 100 == 99) clock.advance(1s);
    }
    clock.advance(1s);
  }
  static std::size_t heap_in_use() { return ::mallinfo2().uordblks; }
};

TEST_F(SlopeTest, MemoryIsFlatOverManyIdentitiesAndGets)
{
  constexpr int k_identities = 10'240;
  constexpr int k_rounds = 8;
  for (int round = 0; round < 3; ++round)
    ask_all(k_identities);
  EXPECT_LE(cache.entries().size(), TokenCache::k_max_identities);
  const auto before = heap_in_use();
  for (int round = 0; round < k_rounds; ++round)
    ask_all(k_identities);
  const auto after = heap_in_use();
  EXPECT_EQ(answered, std::size_t{k_identities} * (3 + k_rounds));
  EXPECT_LT(after, before + (std::size_t{256} << 10)); // a leak of three bytes a get would be more
}

#endif

} // namespace
} // namespace purser::test
