// Draws lower thirds in a thread of its own, so that the mixer never waits for one.
//
// The newest that is asked for is drawn; one that waits when another comes is not. Each is drawn once for its showing.
// When nothing was asked for in the first moments, every template is tried: a fault is told before a name is on stage,
// and the fonts are loaded. ask() from any thread; the callbacks are called in the painter's thread.
#pragma once

#include "transcode/graphic.hpp"

#include "base/config.hpp"
#include "base/messages/wanted_state.hpp"
#include "base/result.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace pult::transcode {

class LowerThirdPainter {
 public:
  using Text = WantedState::LowerThird;
  static constexpr std::chrono::milliseconds kTryTemplatesAfter{1000};

  struct Callbacks {
    std::function<void(const Text&, Result<std::shared_ptr<const Graphic>>)> done;
    std::function<void(const std::string& template_name, const Error&)> fault; // "": the built-in one
  };
  LowerThirdPainter(const RoomConfig& config, Callbacks callbacks);
  LowerThirdPainter(const LowerThirdPainter&) = delete;
  LowerThirdPainter& operator=(const LowerThirdPainter&) = delete;
  ~LowerThirdPainter(); // waits for what is being drawn

  void ask(Text text);

 private:
  void run();
  std::optional<Text> take(std::chrono::milliseconds wait);
  void try_templates();
  [[nodiscard]] Result<std::shared_ptr<const Graphic>> draw(const Text& text) const;

  const std::vector<TemplateConfig> templates_;
  const PictureSize programme_;
  const Callbacks callbacks_;
  std::mutex mutex_; // of asked_, stopping_
  std::condition_variable changed_;
  std::optional<Text> asked_;
  bool stopping_ = false;
  std::thread thread_;
};

// The template's SVG: of the config's, by name; without a name the first; without any the built-in one.
Result<std::string> template_svg(const std::vector<TemplateConfig>& templates, const std::string& name);

} // namespace pult::transcode
