// How loud the programme is, by EBU R 128 (libebur128): momentary, short-term, and of the whole show; true peak.
//
// The whole is kept as a histogram, so that days cost no more memory than minutes. What a mixer before this one
// measured is not known: after a restart the whole begins anew. One thread.
#pragma once

#include "transcode/sound_mixer.hpp"

#include <ebur128.h>
#include <memory>

namespace pult::transcode {

class LoudnessMeter {
 public:
  static constexpr double kSilence = -120; // where there is nothing to measure

  LoudnessMeter() { restart(); }

  void add(const SoundFrame& frame);
  // The whole and the true peak begin anew: a show has started.
  void restart();

  struct Reading {
    double momentary = kSilence;  // LUFS, of the last 400 ms
    double short_term = kSilence; // LUFS, of the last 3 s
    double integrated = kSilence; // LUFS, gated, since the restart
    double true_peak = kSilence;  // dBTP, the highest since the restart
  };
  [[nodiscard]] Reading read() const;

 private:
  struct StateFree {
    void operator()(ebur128_state* state) const { ebur128_destroy(&state); }
  };
  std::unique_ptr<ebur128_state, StateFree> state_;
};

} // namespace pult::transcode
