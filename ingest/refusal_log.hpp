// Which refusals become a line for the crew: the first of its kind at once, the others counted, told every 10 s.
//
// A kind is (sender's host, code, what was asked for). An encoder in a restart loop makes one line in 10 s, a guesser
// too. At most 128 kinds are kept; when there are more, the rest is told as one.
// The latest stay readable for the report, whoever sent them: three ids of each code, so that a flood of guesses does
// not push out the camera whose name is misspelt. Pure; one thread.
#pragma once

#include "base/clock.hpp"
#include "ingest/poller_events.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace pult::ingest {

class RefusalLog {
 public:
  struct Line {
    Refused refused;
    std::uint64_t more = 0; // of the same kind since the last line
  };
  // The same code and id as one; the host is the last one's.
  struct Recent {
    Refused refused;
    std::uint64_t times = 0;
    Nanoseconds last{};
  };
  static constexpr int kMostRecentOfACode = 3;

  std::optional<Line> add(const Refused& refused, Nanoseconds now);
  std::vector<Line> tick(Nanoseconds now); // what is due
  // Newest first.
  [[nodiscard]] const std::vector<Recent>& recent() const { return recent_; }

 private:
  using Kind = std::tuple<std::string, int, std::string>;
  struct Count {
    Refused last;
    Nanoseconds told{};
    std::uint64_t untold = 0;
  };
  void remember(const Refused& refused, Nanoseconds now);

  std::map<Kind, Count> kinds_;
  std::vector<Recent> recent_;
};

} // namespace pult::ingest
