// Draws lower thirds in a thread of its own, so that the mixer never waits for one.
//
// The newest that is asked for is drawn; one that waits when another comes is not. Each is drawn once for its showing.
// ask() from any thread; `done` is called in the painter's thread.
#pragma once

#include "transcode/graphic.hpp"

#include "base/config.hpp"
#include "base/messages/wanted_state.hpp"
#include "base/result.hpp"

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
  using Done = std::function<void(const Text&, Result<std::shared_ptr<const Graphic>>)>;
  LowerThirdPainter(const RoomConfig& config, Done done);
  LowerThirdPainter(const LowerThirdPainter&) = delete;
  LowerThirdPainter& operator=(const LowerThirdPainter&) = delete;
  ~LowerThirdPainter(); // waits for what is being drawn

  void ask(Text text);

 private:
  void run();
  std::optional<Text> take();
  [[nodiscard]] Result<std::shared_ptr<const Graphic>> draw(const Text& text) const;

  const std::vector<TemplateConfig> templates_;
  const PictureSize programme_;
  const Done done_;
  std::mutex mutex_; // of asked_, stopping_
  std::condition_variable changed_;
  std::optional<Text> asked_;
  bool stopping_ = false;
  std::thread thread_;
};

// The template's SVG: of the config's, by name; without a name the first; without any the built-in one.
Result<std::string> template_svg(const std::vector<TemplateConfig>& templates, const std::string& name);

} // namespace pult::transcode
