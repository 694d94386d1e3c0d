// The samples of a planned track, one part after the other, read from the recording's files. Blocking; one thread.
#pragma once

#include "base/unique_fd.hpp"
#include "packager/jobs/cut_plan.hpp"
#include "packager/jobs/fragment_reader.hpp"

#include <map>

namespace pult::packager::jobs {

struct TalkSample {
  ByteView bytes;       // valid until the next call
  std::int64_t dts = 0; // on the talk's clock: 0 at the in mark
  std::int64_t duration = 0;
  bool sync = false;
};

class SampleSource {
 public:
  explicit SampleSource(const TrackPlan& plan) : plan_(&plan) {}

  [[nodiscard]] bool done() const { return next_ == plan_->parts.size(); }
  [[nodiscard]] const PlannedPart& next_part() const { return plan_->parts[next_]; }
  [[nodiscard]] std::int64_t next_begin() const { return next_part().part->begin + next_part().shift; }
  // All samples of the next part. A part whose bytes are not those that were recorded is an error.
  Result<std::vector<TalkSample>> take_part();
  [[nodiscard]] ByteView bytes() const { return bytes_; } // of the part that was taken, in which its samples lie

 private:
  Result<void> read(const PlannedPart& part);
  const TrackPlan* plan_;
  std::size_t next_ = 0;
  std::map<std::filesystem::path, UniqueFd> files_;
  Bytes bytes_;
};

// The init section of a file of the recording.
Result<Bytes> read_init(const RecordedFile& file);

} // namespace pult::packager::jobs
