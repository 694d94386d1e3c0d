// The schedule as the room keeps it: imported by hand, and looked at again where the config names a source.
//
// A schedule that cannot be read changes nothing; the trouble is told once. What a new one changes is told, and applied
// unless it was only asked what it would. One thread, the io thread.
#pragma once

#include "control/schedule/reading.hpp"
#include "control/schedule/source.hpp"
#include "control/talks/archive.hpp"

namespace pult::control {

class ScheduleKeeper {
 public:
  ScheduleKeeper(asio::io_context& io, Room& room, Archive& archive);
  void stop();

  struct Import {
    ScheduleReading reading;
    std::vector<TalkDifference> differences;
    bool applied = false;
  };
  Result<Import> import_text(std::string_view text, bool apply, const std::string& by);
  Task<Result<Import>> import_source(std::string source, bool apply, std::string by);

  // {"source","last","trouble"}
  [[nodiscard]] boost::json::object status() const;

 private:
  void look();
  void looked(Result<std::optional<std::string>> got);
  void tell(const std::string& trouble);

  asio::io_context& io_;
  Room& room_;
  Archive& archive_;
  ScheduleSource source_;
  SteadyTimer timer_;
  std::string trouble_;
  Nanoseconds last_{}; // wall time of the last good reading
};

} // namespace pult::control
