// The programme as the archive gets it: without the slates that the crew lays over the stream.
//
// A second timeline beside the window's, driven by the same events at the same `now`; without a slate both decide the
// same. What the window published of the same samples is recorded with the very same bytes; a fragment of its own is
// made only where they differ, behind a slate. Fills for faults are in both. One thread, the timeline's.
#pragma once

#include "packager/track_muxer.hpp"

#include <deque>
#include <functional>
#include <vector>

namespace pult::packager {

class CleanProgramme : private TimelineOut {
 public:
  struct Callbacks {
    std::function<void(std::uint32_t request)> ask_idr;
    std::function<void()> show_ended; // all takers have heard it
  };
  CleanProgramme(Cutting cutting, const std::vector<packet_link::TrackKind>& tracks, std::vector<PartSink*> takers,
                 Callbacks callbacks);

  // Without a taker it is never given a show, and takes nothing.
  [[nodiscard]] bool wanted() const { return !takers_.empty(); }
  [[nodiscard]] Timeline& timeline() { return timeline_; }
  [[nodiscard]] bool on_air() const { return timeline_.on_air(); }
  // What the window just got.
  void published(const CutPart& cut, const PublishedPart& part);
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

 private:
  struct Known {
    CutPart cut;
    PublishedPart part;
  };
  void formats(const std::vector<TrackToolsPtr>& tools) override;
  void part(const CutPart& cut) override;
  void show_ends(const std::string& show) override;
  void ask_idr(std::uint32_t request) override;
  [[nodiscard]] SharedBytes bytes_of(const CutPart& cut);

  Timeline timeline_;
  std::vector<PartSink*> takers_;
  Callbacks callbacks_;
  std::vector<TrackMuxer> muxers_;
  std::vector<std::string> handed_init_;
  std::deque<Known> known_; // what the window got lately
  std::size_t most_known_;
  std::uint64_t failures_ = 0;
};

} // namespace pult::packager
