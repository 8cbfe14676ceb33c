#include "daemon/time/system_clock.hpp"

#include "daemon/async/event.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <map>
#include <system_error>
#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

BootTime boot_now()
{
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return BootTime(std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec));
}

int open_timer()
{
  const int fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "timerfd_create");
  return fd;
}

} // namespace

// Who sleeps until when. The timer is set to the earliest, or to an earlier moment whose
// sleeper has gone: a wake-up for nothing is cheaper than setting it twice a sleep.
class SystemClock::Alarms : public std::enable_shared_from_this<Alarms> {
public:
  explicit Alarms(const asio::any_io_executor& ex) : timer_(ex, open_timer()) {}

  [[nodiscard]] asio::any_io_executor executor() { return timer_.get_executor(); }

  using Key = std::pair<BootTime, std::uint64_t>;

  [[nodiscard]] Key add(BootTime wake, Event& alarm)
  {
    const Key key{wake, ++last_};
    alarms_.emplace(key, &alarm);
    if (wake < armed_for_) arm(wake);
    watch();
    return key;
  }

  void remove(const Key& key)
  {
    alarms_.erase(key);
    if (alarms_.empty()) stop_watching();
  }

  // An unwatched timer keeps the event loop from ending no longer than somebody sleeps.
  void stop_watching()
  {
    boost::system::error_code ignored;
    timer_.cancel(ignored);
  }

private:
  void arm(BootTime wake)
  {
    const auto since_boot = wake.time_since_epoch();
    const auto whole = std::chrono::floor<std::chrono::seconds>(since_boot);
    itimerspec at{};
    at.it_value.tv_sec = whole.count();
    at.it_value.tv_nsec = (since_boot - whole).count();
    timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME, &at, nullptr);
    armed_for_ = wake;
  }

  void watch()
  {
    if (std::exchange(watching_, true)) return;
    timer_.async_wait(asio::posix::descriptor_base::wait_read,
                      [self = shared_from_this()](boost::system::error_code) {
                        self->watching_ = false;
                        self->ring();
                      });
  }

  // Also after a cancelled wait: somebody may have come meanwhile.
  void ring()
  {
    std::uint64_t expirations = 0;
    if (::read(timer_.native_handle(), &expirations, sizeof expirations) > 0) {
      armed_for_ = BootTime::max();
    }
    const auto now = boot_now();
    while (!alarms_.empty() && alarms_.begin()->first.first <= now) {
      alarms_.begin()->second->set();
      alarms_.erase(alarms_.begin());
    }
    if (alarms_.empty()) return;
    const auto next = alarms_.begin()->first.first;
    if (next < armed_for_) arm(next);
    watch();
  }

  asio::posix::stream_descriptor timer_;
  std::map<Key, Event*> alarms_;
  std::uint64_t last_ = 0;
  BootTime armed_for_ = BootTime::max();
  bool watching_ = false;
};

SystemClock::SystemClock(const asio::any_io_executor& ex) : alarms_(std::make_shared<Alarms>(ex)) {}

SystemClock::~SystemClock() = default;

BootTime SystemClock::now() const
{
  return boot_now();
}

WallTime SystemClock::wall() const
{
  return std::chrono::system_clock::now();
}

asio::awaitable<void> SystemClock::sleep_until(BootTime wake)
{
  if (wake <= boot_now()) co_return;

  // Leaves the list on every way out, cancellation included.
  struct Sleeper {
    Sleeper(std::shared_ptr<Alarms> a, BootTime wake_at)
      : alarms(std::move(a)), alarm(alarms->executor()), key(alarms->add(wake_at, alarm))
    {
    }
    ~Sleeper() { alarms->remove(key); }
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;

    std::shared_ptr<Alarms> alarms;
    Event alarm;
    Alarms::Key key;
  };
  Sleeper sleeper(alarms_, wake);
  co_await sleeper.alarm.wait();
}

} // namespace purser
