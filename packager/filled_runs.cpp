#include "packager/filled_runs.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace pult::packager {
namespace {

std::optional<FilledRun> run_of(std::string_view word) {
  FilledRun run;
  const auto plus = word.find('+');
  if (plus == std::string_view::npos) return std::nullopt;
  const char* const end = word.data() + word.size();
  const auto first = std::from_chars(word.data(), word.data() + plus, run.first);
  const auto count = std::from_chars(word.data() + plus + 1, end, run.count);
  const bool whole = first.ec == std::errc{} && first.ptr == word.data() + plus && count.ec == std::errc{} &&
                     count.ptr == end && run.count > 0;
  return whole ? std::optional(run) : std::nullopt;
}

} // namespace

std::string text_of(const std::vector<FilledRun>& runs) {
  std::string text;
  for (const auto& run : runs)
    text += fmt::format("{}{}+{}", text.empty() ? "" : ",", run.first, run.count);
  return text;
}

std::optional<std::vector<FilledRun>> filled_runs_of(std::string_view text) {
  std::vector<FilledRun> runs;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const auto run = run_of(text.substr(0, end));
    if (!run) return std::nullopt;
    runs.push_back(*run);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return runs;
}

void add_filled(std::vector<FilledRun>& runs, std::int64_t first, std::int64_t count) {
  if (!runs.empty() && runs.back().first + runs.back().count == first) {
    runs.back().count += count;
  } else {
    runs.push_back({first, count});
  }
}

} // namespace pult::packager
