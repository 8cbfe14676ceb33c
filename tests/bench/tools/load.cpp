// Requests over a Unix socket, each on a connection of its own, by some clients at once.
//
// Usage: bench_load SPEC, a JSON file: {"socket", "requests" (files, taken in turn),
// "clients", "count" (in all)}. Prints {"requests", "seconds", "failed", "p50_us", "p99_us"};
// failed is every answer that is not "HTTP/1.1 200", and the last two are of one request.
#include <nlohmann/json.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Load {
  sockaddr_un address{};
  std::vector<std::string> requests;
  std::vector<Clock::duration> took; // by request
  std::atomic<std::size_t> next{0};
  std::atomic<long> failed{0};
};

bool send_all(int fd, std::string_view bytes)
{
  while (!bytes.empty()) {
    const auto sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool ask(const Load& load, const std::string& request)
{
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&load.address), sizeof(load.address)) == 0;
  std::array<char, 16'384> answer{};
  std::size_t size = 0;
  if (connected && send_all(fd, request)) {
    for (ssize_t got = 0; size < answer.size() &&
                          (got = ::recv(fd, answer.data() + size, answer.size() - size, 0)) > 0;)
      size += static_cast<std::size_t>(got);
  }
  ::close(fd);
  return std::string_view(answer.data(), size).starts_with("HTTP/1.1 200");
}

void work(Load& load)
{
  for (std::size_t i = 0; (i = load.next++) < load.took.size();) {
    const auto begin = Clock::now();
    if (!ask(load, load.requests[i % load.requests.size()])) ++load.failed;
    load.took[i] = Clock::now() - begin;
  }
}

double percentile_us(const std::vector<Clock::duration>& sorted, std::size_t percent)
{
  const auto at = std::min(sorted.size() - 1, sorted.size() * percent / 100);
  return std::chrono::duration<double, std::micro>(sorted[at]).count();
}

std::string contents(const std::string& path)
{
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

} // namespace

int main(int argc, char** argv)
{
  if (argc != 2) return 2;
  const auto spec = nlohmann::json::parse(contents(argv[1]));
  Load load;
  const std::string socket = spec.at("socket");
  load.address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof(load.address.sun_path)) return 2;
  std::memcpy(load.address.sun_path, socket.data(), socket.size());
  for (const std::string path : spec.at("requests"))
    load.requests.push_back(contents(path));
  load.took.resize(spec.at("count"));
  if (load.took.empty() || load.requests.empty()) return 2;

  const auto begin = Clock::now();
  std::vector<std::thread> clients;
  for (int i = 0; i < spec.at("clients"); ++i)
    clients.emplace_back(work, std::ref(load));
  for (auto& client : clients)
    client.join();
  const std::chrono::duration<double> took = Clock::now() - begin;

  std::sort(load.took.begin(), load.took.end());
  const nlohmann::json result{{"requests", load.took.size()},
                              {"seconds", took.count()},
                              {"failed", load.failed.load()},
                              {"p50_us", percentile_us(load.took, 50)},
                              {"p99_us", percentile_us(load.took, 99)}};
  std::cout << result.dump() << '\n';
  return 0;
}
