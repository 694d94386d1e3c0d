// The heart of the room: makes the programme's pictures and sound, one after another, on the room's grid. Always.
//
// The mixer wakes for each picture index n at its time, takes from each feed the newest picture that is due
// (kMixerDelay behind), composes, and pushes it to the encoders with its index; likewise each sound frame. It waits for
// no feed and no consumer: where nothing is, it shows a card and plays silence. A mixer that was stopped or starved
// goes on by tick_plan.hpp. When the encoders do not keep up, they get pictures twice, or, for all rungs alike, none
// until their queue is empty and then a key frame (keep_up.hpp); counted. Its first run begins as soon as the scene's
// feeds have a picture and the lower third is drawn, or after kFirstPictureWait: a restart on air then shows no card
// for a moment. A wanted state is applied with the next picture, and answered when all of it is on the picture: a lower
// third when it is drawn. want, ask_idr, set_card and report from any thread; the rest is the mixer thread's.
#pragma once

#include "transcode/composer.hpp"
#include "transcode/feed_listener.hpp"
#include "transcode/feed_presence.hpp"
#include "transcode/keep_up.hpp"
#include "transcode/ladder.hpp"
#include "transcode/loudness_meter.hpp"
#include "transcode/lower_third.hpp"
#include "transcode/lower_third_painter.hpp"
#include "transcode/scene.hpp"
#include "transcode/scene_switch.hpp"
#include "transcode/sound_mixer.hpp"
#include "transcode/tick_plan.hpp"

#include "base/messages/wanted_state.hpp"
#include "base/room_epoch.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace pult::transcode {

class Mixer {
 public:
  static constexpr std::chrono::milliseconds kFirstPictureWait{600};
  // From opening a run's encoders to its first picture; four 1080p rungs open in 20 ms.
  static constexpr std::chrono::milliseconds kRunLead{60};

  struct Callbacks { // all in the mixer thread
    std::function<void(const WantedState&, PictureIndex)> applied;
    std::function<void(std::uint32_t request, PictureIndex)> idr_chosen;
    std::function<void(std::string_view level, std::string text)> event;
    std::function<void()> beat;
  };
  Mixer(const RoomConfig& config, RoomEpoch epoch, FeedInputs inputs, LadderSink sink, Callbacks callbacks);
  ~Mixer();

  void start();
  void stop(); // encodes what was composed, then ends

  void want(const WantedState& state); // shows from the next picture on
  void ask_idr(std::uint32_t request);
  void set_card(HousePicture card);

  struct Report {
    std::uint64_t run = 0;
    std::uint64_t runs = 0;         // encoder runs so far
    PictureIndex first_picture = 0; // of the run
    PictureIndex next_picture = 0;
    std::uint64_t pictures = 0;
    std::uint64_t late = 0;     // composed more than a picture's time after their moment
    std::uint64_t reduced = 0;  // encoded with less effort: the encoders were a little behind
    std::uint64_t repeated = 0; // the picture before once more: the encoders were behind
    std::uint64_t dropped = 0;  // the encoders had no room
    std::uint64_t skipped = 0;  // given up: the mixer was stopped or starved
    std::string scene;
    float sound_peak = 0;   // before the limiter, since the last report
    std::string sound_feed; // whose sound is heard; empty: silence
    LoudnessMeter::Reading loudness;
    struct Feed {
      FeedPresence::State state = FeedPresence::State::kWaiting;
      std::uint64_t losses = 0;
      double gain_db = 0;
      bool muted = false;
    };
    std::vector<Feed> feeds;
    LowerThird::Text lower_third; // on the picture, or wanted
    LowerThird::State lower_third_state = LowerThird::State::kOff;
    PictureIndex lower_third_since = 0;
  };
  Report report();

 private:
  struct Drawing {
    LowerThird::Text text;
    Result<std::shared_ptr<const Graphic>> graphic;
  };
  struct Mail {
    std::optional<WantedState> wanted;
    std::vector<std::uint32_t> idr_requests;
    HousePicture card;
    std::vector<Drawing> drawings;
    std::vector<std::string> faults; // of templates
  };
  // A wanted state that is applied and not answered yet.
  struct Applied {
    WantedState wanted;
    PictureIndex picture = 0;
    bool new_lower_third = false;
  };
  void run();
  void wait_until(Nanoseconds programme);
  bool stopping();
  [[nodiscard]] TickPlan plan() const;
  void read_mail();
  void open_run();
  void begin_run(PictureIndex n0);
  void skip(PictureIndex n);
  void restart(PictureIndex n0);
  [[nodiscard]] std::string why_restart() const;
  [[nodiscard]] bool has_first_pictures() const;
  void wait_for_first_pictures();

  void tick(PictureIndex n);
  void apply_wanted(PictureIndex n);
  bool want_lower_third(PictureIndex n);
  void take_drawing(const Drawing& drawing);
  LowerThirdPainter::Callbacks painter_callbacks();
  void answer_applied(PictureIndex n);
  [[nodiscard]] std::optional<std::size_t> wanted_scene_of(const WantedState& wanted) const;
  void pick_feeds(PictureIndex n);
  HousePicture compose_scene(std::size_t scene, Composer& composer, const Overlay& overlay = {});
  HousePicture compose(PictureIndex n);
  void push_picture(PictureIndex n);
  void apply_sound(const WantedState& wanted);
  void mix_sound(PictureIndex n);
  void read_feed(std::size_t feed, std::span<float> out);
  void update_report(PictureIndex n);
  [[nodiscard]] Nanoseconds due(PictureIndex n, const FeedInput& input) const;

  const RoomConfig config_;
  const Grid grid_;
  const Cutting cutting_;
  const RoomEpoch epoch_;
  const std::vector<Scene> scenes_;
  const FeedInputs inputs_;
  const LadderSink sink_;
  const Callbacks callbacks_;

  std::mutex mutex_; // of mail_, report_, stopping_
  std::condition_variable woken_;
  Mail mail_;
  Report report_;
  bool stopping_ = false;
  std::thread thread_;

  // The mixer thread's own.
  Nanoseconds started_{};
  PictureIndex next_ = 0;
  SoundIndex next_sound_ = 0;
  std::uint64_t last_run_ = 0;
  std::unique_ptr<Ladder> ladder_;
  std::thread reaper_; // of the run before
  KeepUp keep_up_;
  bool gap_ = false; // the picture before this one was left out
  std::vector<std::uint32_t> idr_requests_;
  std::optional<WantedState> wanted_;
  HousePicture card_;

  SceneSwitch on_air_{0};
  std::vector<FeedPresence> presence_;
  std::vector<HousePicture> pictures_; // of the feeds, now
  std::vector<bool> shown_;
  SceneSources sources_;
  Composer composer_;
  Composer from_composer_;
  HousePicture faded_;  // the last picture of the fade that runs, without graphics
  HousePicture still_;  // where a fade begins that interrupted another
  HousePicture output_; // the last
  LowerThird lower_third_;
  std::deque<Applied> applied_; // in order of their numbers
  SoundMixer sound_mixer_;
  std::vector<WantedState::FeedSetting> settings_;      // of the feeds' sound
  std::vector<std::chrono::milliseconds> heard_delays_; // of the feeds' sound, in the frame before
  LoudnessMeter loudness_;
  PictureIndex loudness_read_ = 0;
  std::string show_;
  LowerThirdPainter painter_; // last: its thread writes mail
};

} // namespace pult::transcode
