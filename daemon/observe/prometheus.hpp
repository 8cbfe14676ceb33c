#pragma once

#include "daemon/observe/histogram.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser {

// Writes metrics in Prometheus's text format.
// Format: "Exposition formats", text format 0.0.4, in Prometheus's documentation.
//
// A family is begun by its type; the samples that follow belong to it. Names are literals of
// ours; values of labels may be any text.
class PrometheusText {
public:
  static constexpr std::string_view k_content_type = "text/plain; version=0.0.4; charset=utf-8";

  struct Label {
    std::string_view name;
    std::string_view value;
  };
  using Labels = std::vector<Label>;

  void counter(std::string_view name, std::string_view help) { begin(name, help, "counter"); }
  void gauge(std::string_view name, std::string_view help) { begin(name, help, "gauge"); }
  void histogram(std::string_view name, std::string_view help) { begin(name, help, "histogram"); }

  void sample(const Labels& labels, double value);
  void sample(const Labels& labels, std::uint64_t value);
  template <std::size_t Bounds>
  void sample(const Labels& labels, const Histogram<Bounds>& values)
  {
    buckets(labels, values.bounds, values.counts, values.sum);
  }

  [[nodiscard]] const std::string& text() const { return text_; }

private:
  void begin(std::string_view name, std::string_view help, std::string_view type);
  void line(std::string_view suffix, const Labels& labels, std::string_view value);
  void buckets(const Labels& labels,
               std::span<const double> bounds,
               std::span<const std::uint64_t> counts,
               double sum);

  std::string_view family_;
  std::string text_;
};

} // namespace purser
