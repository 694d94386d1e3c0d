// The slates: one IDR per kind and rung, encoded beside the programme at low priority with the live settings.
//
// The same settings give the same parameter sets, so a slate splices into the programme without a discontinuity. Each
// slate has an encoder of its own: the first picture of a run has the whole VBV to itself. One thread, niced, that ends
// when all is made.
#pragma once

#include "transcode/ladder.hpp"

#include <atomic>
#include <functional>
#include <thread>

namespace pult::transcode {

class SlateMaker {
 public:
  struct Callbacks {
    std::function<void(HousePicture)> card;        // "no signal", of programme size; first of all
    std::function<bool()> may_encode;              // false: the programme is not on air yet, wait
    std::function<void(packet_link::Slate)> slate; // in the maker's thread
    std::function<void(const Error&)> failed;      // that slate is missing
  };
  SlateMaker(RoomConfig config, Callbacks callbacks);
  ~SlateMaker(); // waits for the slate that is being encoded
  void cancel() { stopped_ = true; }

 private:
  void run();
  void encode(packet_link::SlateKind kind);

  const RoomConfig config_;
  const LadderSettings ladder_;
  const Callbacks callbacks_;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

// One picture of programme size as an IDR of that rung.
Result<Bytes> encode_slate(const HousePicture& picture, const VideoSettings& settings);

} // namespace pult::transcode
