#include "daemon/http/dial.hpp"

#include "daemon/async/event.hpp"
#include "daemon/async/timeout.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace purser {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using namespace std::chrono_literals;

constexpr Duration k_head_start = 250ms;            // RFC 8305 section 5
constexpr Duration k_until_something_happens = 24h; // the caller has a limit
constexpr std::size_t k_max_attempts = 8;

// The attempts to reach one server. Shared with their handlers, which may come late.
class Race : public std::enable_shared_from_this<Race> {
public:
  explicit Race(asio::any_io_executor ex) : ex_(std::move(ex)) {}

  void start(const tcp::endpoint& endpoint)
  {
    const auto attempt = std::make_shared<tcp::socket>(ex_);
    sockets_.push_back(attempt);
    ++running_;
    attempt->async_connect(endpoint,
                           [self = shared_from_this(), attempt](boost::system::error_code failed) {
                             self->finish(*attempt, failed);
                           });
  }

  // Is set when the next attempt ends. Asked for before an attempt starts: on this
  // machine it may end before anybody waits.
  [[nodiscard]] std::shared_ptr<Event> next_end()
  {
    end_ = std::make_shared<Event>(ex_);
    return end_;
  }

  void abandon()
  {
    for (const auto& socket : sockets_) {
      boost::system::error_code ignored;
      socket->close(ignored);
    }
  }

  [[nodiscard]] bool lost() const { return running_ == 0; }
  [[nodiscard]] std::optional<tcp::socket>& winner() { return winner_; }
  [[nodiscard]] Error failure() const { return Error{Errc::transient, failure_.message()}; }

private:
  void finish(tcp::socket& socket, boost::system::error_code failed)
  {
    --running_;
    if (!failed && !winner_) winner_.emplace(std::move(socket));
    if (failed && !failure_) failure_ = failed;
    if (end_) end_->set();
  }

  asio::any_io_executor ex_;
  std::vector<std::shared_ptr<tcp::socket>> sockets_;
  std::optional<tcp::socket> winner_;
  boost::system::error_code failure_;
  std::shared_ptr<Event> end_;
  std::size_t running_ = 0;
};

asio::awaitable<Result<>> wait_for(std::shared_ptr<Event> event)
{
  co_await event->wait();
  co_return Result<>();
}

// The others are left out, or refused where nothing remains.
Result<Addresses> permitted(Addresses addresses, const AddressFilter& may_connect)
{
  if (!may_connect) return addresses;
  const std::string first = addresses.front().to_string();
  std::erase_if(addresses, [&may_connect](const auto& a) { return !may_connect(a); });
  if (!addresses.empty()) return addresses;
  return Error{Errc::unsafe, "its address " + first + " may not be connected to from here"};
}

// The families take turns, beginning with the machine's choice.
Addresses interleaved(Addresses addresses)
{
  const bool first_is_v6 = addresses.front().is_v6();
  const auto split =
      std::stable_partition(addresses.begin(), addresses.end(),
                            [first_is_v6](const auto& a) { return a.is_v6() == first_is_v6; });
  Addresses result;
  auto preferred = addresses.begin();
  auto other = split;
  while (preferred != split || other != addresses.end()) {
    if (preferred != split) result.push_back(*preferred++);
    if (other != addresses.end()) result.push_back(*other++);
  }
  result.resize(std::min(result.size(), k_max_attempts));
  return result;
}

} // namespace

asio::awaitable<Result<tcp::socket>> dial(asio::any_io_executor ex,
                                          Clock& clock,
                                          Addresses addresses,
                                          std::uint16_t port,
                                          AddressFilter may_connect)
{
  auto allowed = permitted(std::move(addresses), may_connect);
  if (!allowed) co_return allowed.error();
  const auto race = std::make_shared<Race>(ex);
  struct Finally {
    explicit Finally(Race& r) : race(r) {}
    ~Finally() { race.abandon(); }
    Finally(const Finally&) = delete;
    Finally& operator=(const Finally&) = delete;
    Race& race;
  };
  const Finally finally(*race);

  const auto order = interleaved(std::move(*allowed));
  for (auto next = order.begin(); !race->winner();) {
    if (next == order.end() && race->lost()) co_return race->failure();
    const auto end = race->next_end();
    if (next != order.end()) race->start(tcp::endpoint(*next++, port));
    const auto patience = next != order.end() ? k_head_start : k_until_something_happens;
    (void)co_await with_timeout(clock, patience, wait_for(end));
  }
  co_return std::move(*race->winner());
}

} // namespace purser
