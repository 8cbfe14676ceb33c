#include "daemon/async/spawn.hpp"
#include "daemon/http/dial.hpp"
#include "daemon/http/resolver.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace purser::test {
namespace {

using namespace std::chrono_literals;
using asio::ip::tcp;

const auto k_live = asio::ip::make_address("127.0.0.1");
const auto k_deaf = asio::ip::make_address("127.0.0.2");
const auto k_closed = asio::ip::make_address("127.0.0.3");

class DialTest : public testing::Test {
protected:
  // k_live answers and k_deaf does not: its queue is full, so that the kernel drops
  // whatever else comes. Nobody listens on k_closed.
  DialTest() : live(io, tcp::endpoint(k_live, 0)), port(live.local_endpoint().port()), deaf(io)
  {
    const tcp::endpoint endpoint(k_deaf, port);
    deaf.open(endpoint.protocol());
    deaf.bind(endpoint);
    deaf.listen(0);
    for (int i = 0; i < 4; ++i) {
      stuffing.emplace_back(io);
      stuffing.back().async_connect(endpoint, [](boost::system::error_code) {});
    }
  }

  void start(Addresses addresses, AddressFilter may_connect = {})
  {
    spawn(io.get_executor(), "dial", keep(std::move(addresses), std::move(may_connect)));
    clock.run();
  }
  asio::awaitable<void> keep(Addresses addresses, AddressFilter may_connect)
  {
    outcome.emplace(co_await dial(io.get_executor(), clock, std::move(addresses), port,
                                  std::move(may_connect)));
  }

  // Lets the kernel's answers come in, as long as there are none.
  void run_until_done()
  {
    while (!outcome) {
      if (io.stopped()) io.restart();
      io.run_one();
    }
  }
  [[nodiscard]] asio::ip::address reached() const
  {
    return outcome && *outcome ? (*outcome)->remote_endpoint().address() : asio::ip::address();
  }

  asio::io_context io;
  ManualClock clock{io};
  tcp::acceptor live;
  std::uint16_t port;
  tcp::acceptor deaf;
  std::vector<tcp::socket> stuffing;
  std::optional<Result<tcp::socket>> outcome;
};

TEST_F(DialTest, ADeafAddressCostsItsHeadStartOnly)
{
  start({k_deaf, k_live});
  clock.advance(249ms);
  EXPECT_FALSE(outcome);
  clock.advance(1ms);
  run_until_done();
  EXPECT_EQ(reached(), k_live);
  clock.run();
  EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(DialTest, AClosedAddressCostsNothing)
{
  start({k_closed, asio::ip::address_v6::loopback(), k_live});
  run_until_done(); // the clock stands still
  EXPECT_EQ(reached(), k_live);
}

TEST_F(DialTest, TheFirstThatAnswersIsTakenAlsoLate)
{
  start({k_live, k_deaf});
  run_until_done();
  EXPECT_EQ(reached(), k_live);
}

TEST_F(DialTest, FailsWithTheFirstReasonWhenNobodyAnswers)
{
  start({k_closed, asio::ip::make_address("127.0.0.4")});
  run_until_done();
  ASSERT_FALSE(*outcome);
  EXPECT_EQ(outcome->error().code, Errc::transient);
  EXPECT_EQ(outcome->error().what, "Connection refused");
}

TEST(ResolverTest, KnowsThisMachine)
{
  const auto addresses = resolve_by_system("localhost");
  ASSERT_TRUE(addresses) << addresses.error().what;
  EXPECT_TRUE(std::all_of(addresses->begin(), addresses->end(),
                          [](const auto& address) { return address.is_loopback(); }));
}

TEST(ResolverTest, SaysWhyANameIsUnknown)
{
  const auto addresses = resolve_by_system("name.invalid"); // RFC 6761: never exists
  ASSERT_FALSE(addresses);
  EXPECT_EQ(addresses.error().code, Errc::transient);
  EXPECT_FALSE(addresses.error().what.empty());
}

// What a name leads to is judged at the moment of connecting, not when it was looked up.
TEST_F(DialTest, NeverConnectsToARefusedAddress)
{
  start({k_live}, [](const asio::ip::address& address) { return address != k_live; });
  run_until_done();
  ASSERT_FALSE(outcome->has_value());
  EXPECT_EQ(outcome->error().code, Errc::unsafe);
}

TEST_F(DialTest, TakesTheAddressThatIsNotRefused)
{
  start({k_closed, k_live}, [](const asio::ip::address& address) { return address == k_live; });
  run_until_done();
  EXPECT_EQ(reached(), k_live);
}

} // namespace
} // namespace purser::test
