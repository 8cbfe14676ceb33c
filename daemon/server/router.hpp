#pragma once

#include "daemon/server/request_handler.hpp"

#include <string>
#include <utility>
#include <vector>

namespace purser {

// Hands each request to the handler of its path: the first prefix that fits.
class Router final : public RequestHandler {
public:
  struct Entry {
    std::string_view prefix; // a literal
    RequestHandler* handler;
  };

  explicit Router(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  std::vector<Entry> entries_;
};

} // namespace purser
