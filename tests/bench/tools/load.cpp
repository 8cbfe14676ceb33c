// Requests over a Unix socket, each on a connection of its own, by some clients at once.
//
// Usage: bench_load SPEC, a JSON file: {"socket", "requests" (files, taken in turn),
// "clients", "count" (in all)}. Prints {"requests", "seconds", "failed"}; failed is every
// answer that is not "HTTP/1.1 200".
#include <nlohmann/json.hpp>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

struct Load {
  sockaddr_un address{};
  std::vector<std::string> requests;
  long count = 0;
  std::atomic<long> next{0};
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
  for (long i = 0; (i = load.next++) < load.count;)
    if (!ask(load, load.requests[static_cast<std::size_t>(i) % load.requests.size()]))
      ++load.failed;
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
  load.count = spec.at("count");

  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> clients;
  for (int i = 0; i < spec.at("clients"); ++i)
    clients.emplace_back(work, std::ref(load));
  for (auto& client : clients)
    client.join();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;

  const nlohmann::json result{
      {"requests", load.count}, {"seconds", took.count()}, {"failed", load.failed.load()}};
  std::cout << result.dump() << '\n';
  return 0;
}
