#include "cli/terminal/busy_line.hpp"

#include "cli/terminal/look.hpp"
#include "cli/terminal/text_width.hpp"
#include "common/write_all.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace purser::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto k_before = 400ms; // what is faster than this needs no word
constexpr auto k_step = 200ms;
constexpr std::string_view k_erase = "\r\x1b[K";
constexpr std::array<std::string_view, 4> k_wheel{"-", "\\", "|", "/"};

bool can_draw()
{
  const char* const kind = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) != 0 && kind != nullptr && *kind != '\0' &&
         std::string_view(kind) != "dumb";
}

// Signals are for the thread that waits for them.
sigset_t all_signals()
{
  sigset_t all;
  sigfillset(&all);
  return all;
}

} // namespace

BusyLine::BusyLine(std::string text) : text_(std::move(text))
{
  if (!can_draw()) return;
  const sigset_t all = all_signals();
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

BusyLine::~BusyLine()
{
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void BusyLine::run()
{
  const auto began = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  if (ended_.wait_for(lock, k_before, [this] { return over_; })) return;
  for (std::size_t turn = 0;; ++turn) {
    const auto passed = std::chrono::steady_clock::now() - began;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(passed).count();
    const std::string line = std::string(k_wheel.at(turn % k_wheel.size())) + " " + text_ + ", " +
                             std::to_string(seconds) + " s";
    const std::size_t room = look_at(STDERR_FILENO, ColourWish::never).columns - 1;
    if (!write_all(STDERR_FILENO, std::string(k_erase) + clipped(line, room))) return;
    if (ended_.wait_for(lock, k_step, [this] { return over_; })) break;
  }
  (void)write_all(STDERR_FILENO, k_erase);
}

} // namespace purser::cli
