#include "daemon/async/spawn.hpp"
#include "daemon/server/listener.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <new>
#include <string>
#include <vector>

namespace purser::test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

// Says what it was asked, after `latency`.
class EchoHandler final : public RequestHandler {
public:
  explicit EchoHandler(Clock& clock) : clock_(clock) {}

  asio::awaitable<ServerResponse> handle(ServerRequest request) override
  {
    ++requests;
    patience = request.patience;
    if (starved) throw std::bad_alloc();
    if (latency > 0s) co_await clock_.sleep_until(clock_.now() + latency);
    co_return ServerResponse(200, request.target + " " + std::string(request.body_text()));
  }

  int requests = 0;
  bool starved = false; // no memory is left
  Duration latency{};
  Duration patience{};

private:
  Clock& clock_;
};

struct ListenerTest : testing::Test {
  asio::io_context io;
  ManualClock clock{io};
  EchoHandler handler{clock};
  std::filesystem::path folder;
  std::unique_ptr<Listener> listener;

  ListenerTest()
  {
    std::string pattern = testing::TempDir() + "/listenerXXXXXX";
    folder = ::mkdtemp(pattern.data());
    listen({::geteuid()});
  }
  ~ListenerTest() override { std::filesystem::remove_all(folder); }

  void listen(std::vector<uid_t> allowed)
  {
    std::filesystem::remove(folder / "s");
    Listener::Acceptor acceptor(io, asio::local::stream_protocol::endpoint(folder / "s"));
    listener = std::make_unique<Listener>(io.get_executor(), clock, handler,
                                          PeerCheck(std::move(allowed)), std::move(acceptor));
    spawn(io.get_executor(), "accept", listener->accept());
    clock.run();
  }

  // A client that never blocks.
  struct Client {
    explicit Client(const std::filesystem::path& path)
      : fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))
    {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
      EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    }
    ~Client() { ::close(fd); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void say(std::string_view text) const
    {
      EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(text.size()));
    }
    // What has arrived; "(open)" where nothing did, "(closed)" at the end.
    std::string hear() const
    {
      std::string heard;
      std::array<char, 65536> part{};
      for (;;) {
        const ssize_t size = ::recv(fd, part.data(), part.size(), 0);
        if (size > 0)
          heard.append(part.data(), static_cast<std::size_t>(size));
        else
          return heard + (size == 0 ? "(closed)" : heard.empty() ? "(open)" : "");
      }
    }
    int fd;
  };
  std::unique_ptr<Client> connect()
  {
    auto client = std::make_unique<Client>(folder / "s");
    clock.run();
    return client;
  }
  std::string exchange(std::string_view request)
  {
    const auto client = connect();
    client->say(request);
    clock.run();
    return client->hear();
  }
  static std::string post(std::string_view body, std::string_view headers = "")
  {
    return "POST /v1/x HTTP/1.1\r\nHost: purser\r\n" + std::string(headers) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  }
};

TEST_F(ListenerTest, AnswersWithALengthAndClosesWhenAsked)
{
  EXPECT_EQ(exchange(post("body", "Connection: close\r\n")),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n"
            "Connection: close\r\n\r\n/v1/x body(closed)");
}

TEST_F(ListenerTest, KeepsTheConnectionForAnotherRequest)
{
  const auto client = connect();
  for (int i = 0; i < 3; ++i) {
    client->say(post("again"));
    clock.run();
    EXPECT_TRUE(client->hear().ends_with("\r\n\r\n/v1/x again"));
  }
  client->say(post("one") + post("two", "Connection: close\r\n"));
  clock.run();
  const auto heard = client->hear();
  EXPECT_NE(heard.find("/v1/x one"), std::string::npos);
  EXPECT_TRUE(heard.ends_with("/v1/x two(closed)"));
}

TEST_F(ListenerTest, ARequestMayComeByteByByte)
{
  const auto client = connect();
  for (const char c : post("body", "Connection: close\r\n")) {
    client->say({&c, 1});
    clock.run();
  }
  EXPECT_TRUE(client->hear().ends_with("/v1/x body(closed)"));
}

// More than fits into the buffers of a socket, both ways.
TEST_F(ListenerTest, ALargeRequestAndItsAnswerArriveWhole)
{
  const std::string body(1 << 20, 'x');
  const std::string request = post(body, "Connection: close\r\n");
  const auto client = connect();
  std::string heard;
  for (std::size_t said = 0; !heard.ends_with("(closed)");) {
    const auto sent =
        ::send(client->fd, request.data() + said, request.size() - said, MSG_NOSIGNAL);
    if (sent > 0) said += static_cast<std::size_t>(sent);
    clock.run();
    const auto part = client->hear();
    ASSERT_TRUE(sent > 0 || part != "(open)") << "stuck after " << said << " bytes";
    if (part != "(open)") heard += part;
  }
  EXPECT_EQ(heard.substr(heard.find("\r\n\r\n")), "\r\n\r\n/v1/x " + body + "(closed)");
}

TEST_F(ListenerTest, AnAnswerThatNobodyReadsIsGivenUp)
{
  const auto client = connect();
  std::string request = post(std::string(1 << 20, 'x'));
  for (std::size_t said = 0; said < request.size();) {
    const auto sent =
        ::send(client->fd, request.data() + said, request.size() - said, MSG_NOSIGNAL);
    ASSERT_GT(sent, 0);
    said += static_cast<std::size_t>(sent);
    clock.run();
  }
  clock.advance(Connection::k_answer_limit - 1s);
  EXPECT_FALSE(listener->quiet());
  clock.advance(2s);
  EXPECT_TRUE(listener->quiet());
  EXPECT_TRUE(client->hear().ends_with("(closed)"));
}

// Renewal and the connections that are open already go on while many come.
TEST_F(ListenerTest, ACrowdAtTheDoorLeavesOthersTheirTurn)
{
  std::vector<std::unique_ptr<Client>> crowd;
  for (int i = 0; i < 3 * Listener::k_most_in_a_row; ++i) {
    crowd.push_back(std::make_unique<Client>(folder / "s"));
    crowd.back()->say(post("", "Connection: close\r\n"));
  }
  std::vector<int> answered;
  std::function<void()> look = [&] {
    answered.push_back(handler.requests);
    if (handler.requests < 3 * Listener::k_most_in_a_row) asio::post(io, look);
  };
  asio::post(io, look);
  clock.run();
  EXPECT_EQ(answered.back(), 3 * Listener::k_most_in_a_row);
  for (std::size_t i = 1; i < answered.size(); ++i)
    EXPECT_LE(answered[i] - answered[i - 1], Listener::k_most_in_a_row);
}

TEST_F(ListenerTest, AUserThatIsNotServedIsClosedUnread)
{
  listener->replace_peers(PeerCheck({::geteuid() + 1}));
  const auto client = connect();
  EXPECT_EQ(client->hear(), "(closed)");
  EXPECT_EQ(handler.requests, 0);
  EXPECT_EQ(listener->tally().refused, 1U);
}

TEST_F(ListenerTest, CountsWhoComesAndWhoIsThere)
{
  const auto one = connect();
  const auto other = connect();
  EXPECT_EQ(listener->tally().accepted, 2U);
  EXPECT_EQ(listener->tally().open, 2U);
  other->say(post("", "Connection: close\r\n"));
  clock.run();
  EXPECT_EQ(listener->tally().accepted, 2U);
  EXPECT_EQ(listener->tally().open, 1U);
}

TEST_F(ListenerTest, ASlowHeadIsCutOff)
{
  const auto silent = connect();
  const auto slow = connect();
  for (int second = 0; second < 4; ++second) {
    slow->say("P");
    clock.advance(1s);
    EXPECT_EQ(slow->hear(), "(open)");
  }
  clock.advance(2s);
  EXPECT_EQ(silent->hear(), "(closed)");
  EXPECT_EQ(slow->hear(), "(closed)");
  EXPECT_EQ(listener->tally().idle, 1U);
  EXPECT_EQ(listener->tally().slow, 1U);
}

TEST_F(ListenerTest, ASlowBodyIsCutOff)
{
  const auto client = connect();
  client->say("POST /v1/x HTTP/1.1\r\nContent-Length: 100\r\n\r\n");
  clock.advance(20s);
  client->say("x");
  EXPECT_EQ(client->hear(), "(open)");
  clock.advance(11s);
  EXPECT_EQ(client->hear(), "(closed)");
  EXPECT_EQ(handler.requests, 0);
}

TEST_F(ListenerTest, AClientThatIsBeingAnsweredIsNotCutOff)
{
  handler.latency = 60s;
  const auto client = connect();
  client->say(post("x", "Connection: close\r\n"));
  clock.advance(59s);
  EXPECT_EQ(client->hear(), "(open)");
  clock.advance(1s);
  EXPECT_TRUE(client->hear().ends_with("/v1/x x(closed)"));
}

TEST_F(ListenerTest, WhatIsTooLargeOrMalformedIsRefused)
{
  EXPECT_TRUE(exchange("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(exchange("POST /v1/x HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n")
                  .starts_with("HTTP/1.1 413 "));
  EXPECT_TRUE(exchange("POST /v1/x HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n")
                  .starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(exchange(post("", "Purser-Version: 0\r\n")).starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(exchange(post("", "Purser-Version: 1x\r\n")).starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(exchange(post("", "Purser-Deadline-Ms: -1\r\n")).starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(handler.requests, 0);
}

TEST_F(ListenerTest, WhereMemoryIsWantedOneIsRefusedAndTheNextIsServed)
{
  handler.starved = true;
  const auto refusal = exchange(post("body"));
  EXPECT_TRUE(refusal.starts_with("HTTP/1.1 503 Service Unavailable\r\n")) << refusal;
  EXPECT_TRUE(refusal.ends_with("purser: too much is held in memory at once; try again\n(closed)"))
      << refusal;
  handler.starved = false;
  EXPECT_TRUE(exchange(post("body")).starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ListenerTest, ANewerVersionIsAnswered)
{
  EXPECT_TRUE(exchange(post("", "Purser-Version: 7\r\n")).starts_with("HTTP/1.1 200 "));
}

TEST_F(ListenerTest, TheClientsDeadlineLimitsThePatience)
{
  exchange(post(""));
  EXPECT_EQ(handler.patience, 8500ms);
  exchange(post("", "Purser-Deadline-Ms: 3000\r\n"));
  EXPECT_EQ(handler.patience, 2800ms);
  exchange(post("", "Purser-Deadline-Ms: 60000\r\n"));
  EXPECT_EQ(handler.patience, 8500ms);
  exchange(post("", "Purser-Deadline-Ms: 1\r\n"));
  EXPECT_EQ(handler.patience, 0ms);
}

TEST_F(ListenerTest, StoppingAnswersWhoAskedAndWhoWaitsAtTheDoor)
{
  handler.latency = 1s;
  const auto asked = connect();
  asked->say(post("asked"));
  clock.run();
  Client waiting(folder / "s"); // not accepted yet
  waiting.say(post("waiting"));
  bool stopped = false;
  const auto stop = [&stopped, this]() -> asio::awaitable<void> {
    co_await listener->stop();
    stopped = true;
  };
  spawn(io.get_executor(), "stop", stop());
  clock.advance(2s);
  EXPECT_TRUE(stopped);
  EXPECT_TRUE(asked->hear().ends_with("/v1/x asked(closed)"));
  EXPECT_TRUE(waiting.hear().ends_with("/v1/x waiting(closed)"));
}

TEST_F(ListenerTest, StoppingDoesNotWaitForTheIdle)
{
  const auto idle = connect();
  bool stopped = false;
  const auto stop = [&stopped, this]() -> asio::awaitable<void> {
    co_await listener->stop();
    stopped = true;
  };
  spawn(io.get_executor(), "stop", stop());
  clock.advance(1s);
  EXPECT_TRUE(stopped);
  EXPECT_EQ(idle->hear(), "(closed)");
}

// Of descriptors, for as long as it lives.
class DescriptorLimit {
public:
  explicit DescriptorLimit(rlim_t most)
  {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    const rlimit low{most, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

private:
  rlimit before_{};
};

TEST_F(ListenerTest, KeepsDescriptorsForWhatRequestsNeed)
{
  {
    const DescriptorLimit low(60);
    listen({::geteuid()}); // 30 of them for clients
  }
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 31; ++i)
    idle.push_back(connect());
  EXPECT_EQ(listener->tally().displaced, 1U);
  EXPECT_EQ(idle.front()->hear(), "(closed)");
  EXPECT_EQ(idle.back()->hear(), "(open)");
}

TEST_F(ListenerTest, WhereDescriptorsRunOutTheIdleMakeRoom)
{
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 20; ++i)
    idle.push_back(connect());
  const Client client(folder / "s");
  const int next = ::fcntl(client.fd, F_DUPFD, 0);
  ::close(next);
  {
    const DescriptorLimit none_left(static_cast<rlim_t>(next));
    clock.run();
    client.say(post("body"));
    clock.run();
  }
  EXPECT_TRUE(client.hear().ends_with("\r\n\r\n/v1/x body"));
  EXPECT_EQ(listener->tally().displaced, static_cast<std::uint64_t>(Listener::k_most_displaced));
  EXPECT_EQ(idle.front()->hear(), "(closed)");
  EXPECT_EQ(idle.back()->hear(), "(open)");
}

} // namespace
} // namespace purser::test
