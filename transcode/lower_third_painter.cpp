#include "transcode/lower_third_painter.hpp"

#include "transcode/lower_third_drawing.hpp"
#include "transcode/lower_third_svg.hpp"
#include "transcode/named_thread.hpp"

#include "base/file.hpp"
#include "base/nearest.hpp"

#include <algorithm>

namespace pult::transcode {

LowerThirdPainter::LowerThirdPainter(const RoomConfig& config, Callbacks callbacks)
    : templates_(config.templates), programme_(config.programme), callbacks_(std::move(callbacks)),
      thread_([this] { run(); }) {}

LowerThirdPainter::~LowerThirdPainter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void LowerThirdPainter::ask(Text text) {
  {
    const std::lock_guard lock(mutex_);
    asked_ = std::move(text);
  }
  changed_.notify_all();
}

// Empty: nothing was asked for, or the end.
std::optional<LowerThirdPainter::Text> LowerThirdPainter::take(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [this] { return stopping_ || asked_; });
  return stopping_ ? std::nullopt : std::exchange(asked_, std::nullopt);
}

void LowerThirdPainter::run() {
  name_this_thread("graphics");
  const auto draw_next = [this](std::chrono::milliseconds wait) {
    if (const auto text = take(wait)) callbacks_.done(*text, draw(*text));
    const std::lock_guard lock(mutex_);
    return !stopping_;
  };
  if (!draw_next(kTryTemplatesAfter)) return;
  try_templates();
  while (draw_next(std::chrono::hours(1)))
    ;
}

void LowerThirdPainter::try_templates() {
  std::vector<std::string> names;
  for (const auto& each : templates_)
    names.push_back(each.name);
  if (names.empty()) names.emplace_back();
  for (const auto& name : names)
    if (const auto drawn = draw({"Name", "Function", name, 0, 0}); !drawn) callbacks_.fault(name, drawn.error());
}

Result<std::shared_ptr<const Graphic>> LowerThirdPainter::draw(const Text& text) const {
  const auto svg = template_svg(templates_, text.template_name);
  if (!svg) return svg.error();
  auto graphic = draw_lower_third(*svg, {text.name, text.function}, programme_);
  if (!graphic) return graphic.error();
  return std::shared_ptr<const Graphic>(std::make_shared<Graphic>(std::move(*graphic)));
}

Result<std::string> template_svg(const std::vector<TemplateConfig>& templates, const std::string& name) {
  if (name.empty() && templates.empty()) return std::string(kBuiltInLowerThird);
  if (name.empty()) return read_file(templates.front().file);
  std::vector<std::string> names;
  for (const auto& each : templates) {
    if (each.name == name) return read_file(each.file);
    names.push_back(each.name);
  }
  return Error{Errc::kNotFound, "no template \"" + name + "\" in this room" + did_you_mean(name, names)};
}

} // namespace pult::transcode
