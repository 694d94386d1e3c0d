#include "transcode/lower_third_drawing.hpp"

#include "transcode/plain_line.hpp"
#include "transcode/svg_template.hpp"

#include <algorithm>
#include <cmath>

namespace pult::transcode {
namespace {

// Without a box a text may go as far as the title-safe area (EBU R 95: 5 % from each edge).
constexpr double kSafeEdge = 0.05;
constexpr int kWholeSize = 100;
constexpr int kSmallestPercent = static_cast<int>(kSmallest * 100);

// One text of the template, and how much room it has.
class TextFitter {
 public:
  TextFitter(SvgTemplate& svg, const char* id) : svg_(svg), id_(id), box_id_(std::string(id) + "-box") {}

  Result<void> fit(const std::string& line) {
    if (auto found = find_room(); !found) return found;
    auto width = width_of(line, kWholeSize);
    if (!width) return width.error();
    if (*width <= room_) return {};
    const int percent = std::clamp(static_cast<int>(std::floor(room_ / *width * 100)), kSmallestPercent, kWholeSize);
    for (int smaller = percent; smaller >= std::max(kSmallestPercent, percent - 2); --smaller) {
      auto now = width_of(line, smaller);
      if (!now) return now.error();
      if (*now <= room_) return {};
    }
    return shorten(line);
  }

 private:
  Result<double> width_of(const std::string& line, int percent) {
    if (auto set = svg_.set_text(id_, line, percent); !set) return set.error();
    auto extent = svg_.extent(id_, false);
    if (!extent) return extent.error();
    return extent->width();
  }

  // Two texts of different lengths tell at which edge the text is anchored, whatever style says so.
  Result<void> find_room() {
    const auto port = static_cast<double>(svg_.size().width);
    SvgTemplate::Extent box{port * kSafeEdge, port * (1 - kSafeEdge)};
    if (svg_.has(box_id_.c_str())) {
      auto found = svg_.extent(box_id_.c_str(), true);
      if (!found) return found.error();
      box = *found;
    }
    if (auto set = svg_.set_text(id_, "H", kWholeSize); !set) return set.error();
    const auto narrow = svg_.extent(id_, false);
    if (auto set = svg_.set_text(id_, "HH", kWholeSize); !set) return set.error();
    const auto wide = svg_.extent(id_, false);
    if (!narrow || !wide) return (!narrow ? narrow : wide).error();
    const double grown = std::max(wide->width() - narrow->width(), 0.01);
    const double share = (narrow->left - wide->left) / grown; // of what is added, how much goes to the left
    const double anchor = narrow->left + share * narrow->width();
    const double to_left = share > 0.25 ? (anchor - box.left) / share : port;
    const double to_right = share < 0.75 ? (box.right - anchor) / (1 - share) : port;
    room_ = std::min({to_left, to_right, box.width()});
    return {};
  }

  Result<void> shorten(const std::string& line) {
    const auto ends = character_ends(line);
    std::size_t fits = 0;
    for (std::size_t too_many = ends.size(); too_many - fits > 1;) {
      const auto middle = (fits + too_many) / 2;
      auto width = width_of(shortened(line, ends, middle), kSmallestPercent);
      if (!width) return width.error();
      (*width <= room_ ? fits : too_many) = middle;
    }
    return svg_.set_text(id_, shortened(line, ends, fits), kSmallestPercent);
  }

  SvgTemplate& svg_;
  const char* id_;
  const std::string box_id_;
  double room_ = 0; // pixels of the picture
};

Result<void> fill_in(SvgTemplate& svg, const char* id, const std::string& line) {
  if (!line.empty()) return TextFitter(svg, id).fit(line);
  return svg.set_text(id, line, kWholeSize);
}

} // namespace

Result<Graphic> draw_lower_third(std::string_view svg_text, const LowerThirdText& text, PictureSize programme) {
  auto svg = SvgTemplate::parse(svg_text, programme);
  if (!svg) return svg.error();
  const auto name = plain_line(text.name);
  if (name.empty()) return Error{Errc::kInvalidArgument, "the name has nothing that can be shown"};
  if (auto filled = fill_in(*svg, "name", name); !filled) return filled.error();
  const auto function = plain_line(text.function);
  if (function.empty()) svg->remove("function-part");
  if (svg->has("function")) // a template may show names alone
    if (auto filled = fill_in(*svg, "function", function); !filled) return filled.error();
  auto pixels = svg->draw();
  if (!pixels) return pixels.error();
  auto graphic = make_graphic(*pixels, programme);
  if (graphic.where.width == 0) return Error{Errc::kInvalidArgument, "it draws nothing"};
  return graphic;
}

} // namespace pult::transcode
