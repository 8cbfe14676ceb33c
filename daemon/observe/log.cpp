#include "daemon/observe/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace purser {
namespace {

// A pipe that poll() calls writable takes this much without blocking.
constexpr std::size_t k_max_line = 4096;

bool writable(int fd)
{
  pollfd target{fd, POLLOUT, 0};
  return ::poll(&target, 1, 0) == 1 && (target.revents & POLLOUT) != 0;
}

// What the ring has is what standard error has, whoever reads either.
LogRing& ring()
{
  static LogRing lines;
  return lines;
}

std::string_view level_name(spdlog::level::level_enum level)
{
  constexpr std::array<std::string_view, 7> names{"debug", "debug",    "info", "warning",
                                                  "error", "critical", "info"};
  return names.at(static_cast<std::size_t>(level));
}

// On one line.
std::string tame(std::string line)
{
  std::replace_if(
      line.begin(), line.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return line;
}

// The worker threads log as well, hence the mutex.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
protected:
  void sink_it_(const spdlog::details::log_msg& message) override
  {
    ring().add(message.time, level_name(message.level),
               tame({message.payload.data(), std::min(message.payload.size(), k_max_line)}));
    spdlog::memory_buf_t formatted;
    formatter_->format(message, formatted);
    std::string line(formatted.data(), std::min(formatted.size(), k_max_line));
    if (!line.empty() && line.back() == '\n') line.pop_back();
    line = tame(std::move(line));
    if (lost_ != 0) line += " (" + std::to_string(lost_) + " lines before this one were lost)";
    line += '\n';
    if (!writable(STDERR_FILENO)) {
      ++lost_;
      return;
    }
    lost_ = 0;
    if (::write(STDERR_FILENO, line.data(), line.size()) < 0) ++lost_;
  }
  void flush_() override {}

private:
  std::uint64_t lost_ = 0;
};

// `<N>` as sd-daemon(3) has it.
class JournalLevel final : public spdlog::custom_flag_formatter {
public:
  void format(const spdlog::details::log_msg& message,
              const std::tm&,
              spdlog::memory_buf_t& out) override
  {
    constexpr std::array<std::string_view, 7> prefixes{"<7>", "<7>", "<6>", "<4>",
                                                       "<3>", "<2>", "<6>"};
    const auto prefix = prefixes.at(static_cast<std::size_t>(message.level));
    out.append(prefix.data(), prefix.data() + prefix.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override
  {
    return std::make_unique<JournalLevel>();
  }
};

} // namespace

void init_log()
{
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  if (logs_to_journal())
    formatter->add_flag<JournalLevel>('*').set_pattern("%*%v");
  else
    formatter->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z purserd[%P] %l: %v");
  auto sink = std::make_shared<StderrSink>();
  auto logger = std::make_shared<spdlog::logger>("purserd", std::move(sink));
  logger->set_formatter(std::move(formatter));
  spdlog::set_default_logger(std::move(logger));
}

const LogRing& recent_log()
{
  return ring();
}

bool logs_to_journal()
{
  return std::getenv("JOURNAL_STREAM") != nullptr;
}

void set_log_level(LogLevel level)
{
  switch (level) {
  case LogLevel::debug: return spdlog::set_level(spdlog::level::debug);
  case LogLevel::info: return spdlog::set_level(spdlog::level::info);
  case LogLevel::warning: return spdlog::set_level(spdlog::level::warn);
  case LogLevel::error: return spdlog::set_level(spdlog::level::err);
  }
}

} // namespace purser
