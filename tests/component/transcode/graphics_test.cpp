// The lower third with real pixels: drawn by librsvg, made into the house format, laid over pictures.
#include "transcode/composer.hpp"
#include "transcode/lower_third_drawing.hpp"
#include "transcode/lower_third_painter.hpp"
#include "transcode/lower_third_svg.hpp"

#include "base/file.hpp"

#include <cmath>
#include <condition_variable>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <mutex>
#include <random>
#include <unistd.h>

#include "test_pixels.hpp"

namespace pult::transcode {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::Pixels;

constexpr PictureSize kProgramme{1280, 720};

// --- laying over, against floating point in 4:4:4 --------------------------------------------------------------------

struct Colour {
  double y = 0, u = 0, v = 0, a = 0; // not premultiplied
};

std::uint32_t argb(double a, double r, double g, double b) {
  const auto byte = [](double v) { return static_cast<std::uint32_t>(std::lround(v)); };
  return byte(a) << 24 | byte(r * a / 255) << 16 | byte(g * a / 255) << 8 | byte(b * a / 255);
}

// What the eight bits of `pixel` mean.
Colour colour_of(std::uint32_t pixel) {
  const double a = pixel >> 24;
  if (a == 0) return {};
  const double r = (pixel >> 16 & 255) / a, g = (pixel >> 8 & 255) / a, b = (pixel & 255) / a;
  const double y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return {16 + 219 * y, 128 + 224 * (b - y) / 1.8556, 128 + 224 * (r - y) / 1.5748, a / 255};
}

class LayOver : public ::testing::Test {
 protected:
  static constexpr PictureSize kSize{96, 64};
  LayOver() : pool_(kSize), drawing_(std::size_t{96} * 64) {}

  std::uint32_t& pixel(int x, int y) { return drawing_[static_cast<std::size_t>(y * 96 + x)]; }
  [[nodiscard]] Colour over(int x, int y, double weight, const std::function<Colour(int, int)>& ground) {
    const auto from = ground(x, y);
    x = std::clamp(x, 0, 95);
    const auto on_top = colour_of(pixel(x, y));
    const double a = on_top.a * weight;
    return {from.y + (on_top.y - from.y) * a, from.u + (on_top.u - from.u) * a, from.v + (on_top.v - from.v) * a, 0};
  }
  // The greatest difference of any sample to the reference.
  double worst(int weight, const std::function<Colour(int, int)>& ground) {
    const auto picture = pool_.take();
    testing::paint(picture, [&](int plane, int x, int y) {
      const auto c = plane == 0 ? ground(x, y) : ground(2 * x, 2 * y);
      return static_cast<int>(std::lround(plane == 0 ? c.y : plane == 1 ? c.u : c.v));
    });
    const auto graphic = std::make_shared<const Graphic>(make_graphic(drawing_, kSize));
    lay_over({graphic, weight, 0}, picture);
    const Pixels pixels(picture);
    double worst = 0;
    for (int y = 0; y < 64; ++y)
      for (int x = 0; x < 96; ++x)
        worst = std::max(worst, std::fabs(pixels.at(0, x, y) - over(x, y, weight / 256.0, ground).y));
    for (int y = 0; y < 32; ++y)
      for (int x = 0; x < 48; ++x) {
        double u = 0, v = 0;
        for (int row = 0; row < 2; ++row)
          for (int tap = -1; tap <= 1; ++tap) {
            const auto c = over(2 * x + tap, 2 * y + row, weight / 256.0, ground);
            u += c.u * (tap == 0 ? 0.25 : 0.125);
            v += c.v * (tap == 0 ? 0.25 : 0.125);
          }
        worst = std::max({worst, std::fabs(pixels.at(1, x, y) - u), std::fabs(pixels.at(2, x, y) - v)});
      }
    return worst;
  }

  PicturePool pool_;
  std::vector<std::uint32_t> drawing_;
};

TEST_F(LayOver, ASharpEdgeOfAStrongColourHasNoFringe) {
  // Odd edges: they cut through chroma samples.
  for (int y = 13; y < 47; ++y)
    for (int x = 21; x < 80; ++x)
      pixel(x, y) = argb(255, 255, 0, 0);
  const auto blue = [](int, int) { return Colour{32, 240, 118, 0}; };
  EXPECT_LE(worst(256, blue), 1.0);
  EXPECT_LE(worst(100, blue), 1.5);
}

TEST_F(LayOver, NoiseOfEveryOpacityIsWithinRounding) {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> byte(0, 255);
  for (auto& each : drawing_)
    each = argb(byte(random), byte(random), byte(random), byte(random));
  const auto grey = [](int, int) { return Colour{180, 90, 160, 0}; };
  for (const int weight : {1, 37, 128, 255, 256})
    EXPECT_LE(worst(weight, grey), 2.0) << weight;
}

TEST_F(LayOver, AGradientBeneathShinesThrough) {
  for (int y = 10; y < 50; ++y)
    for (int x = 0; x < 96; ++x)
      pixel(x, y) = argb(255.0 * x / 95, 20, 200, 90);
  const auto gradient = [](int x, int y) { return Colour{40 + x * 1.5, 100 + y * 0.5, 150 - x * 0.25, 0}; };
  EXPECT_LE(worst(256, gradient), 2.0);
}

TEST_F(LayOver, NothingIsTouchedOutsideOfTheRectangle) {
  pixel(50, 30) = argb(255, 255, 255, 255);
  const auto graphic = std::make_shared<const Graphic>(make_graphic(drawing_, kSize));
  EXPECT_EQ(graphic->where, (Rect{50, 30, 2, 2}));
  const auto picture = pool_.take();
  testing::paint(picture, [](int plane, int, int) { return plane == 0 ? 77 : 99; });
  lay_over({graphic, 256, 20}, picture);
  const Pixels pixels(picture);
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 96; ++x)
      EXPECT_EQ(pixels.at(0, x, y), x == 50 && y == 50 ? 235 : 77) << x << "," << y;
}

TEST_F(LayOver, WhatSinksBelowThePictureIsCutOff) {
  for (auto& each : drawing_)
    each = argb(255, 255, 255, 255);
  const auto graphic = std::make_shared<const Graphic>(make_graphic(drawing_, kSize));
  const auto picture = pool_.take();
  testing::paint(picture, [](int, int, int) { return 50; });
  lay_over({graphic, 256, 40}, picture);
  const Pixels pixels(picture);
  EXPECT_EQ(pixels.at(0, 5, 39), 50);
  EXPECT_EQ(pixels.at(0, 5, 63), 235);
}

TEST_F(LayOver, ADrawingOfNothingHasNoRectangle) {
  EXPECT_EQ(make_graphic(drawing_, kSize).where, Rect{});
}

// --- drawing ---------------------------------------------------------------------------------------------------------

// White text on nothing, so that all that is painted is the text.
std::string plain_template(const std::string& text_attributes, const std::string& box = "") {
  return fmt::format(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720">{}
<text id="name" y="600" font-size="60" fill="#fff" {}><tspan>Name</tspan></text></svg>)",
                     box, text_attributes);
}

Rect painted(const std::string& svg, const std::string& name, const std::string& function = "") {
  const auto graphic = draw_lower_third(svg, {name, function}, kProgramme);
  EXPECT_TRUE(graphic.ok()) << graphic.error().message;
  return graphic.ok() ? graphic->where : Rect{};
}

class Names : public ::testing::TestWithParam<std::string> {};

// Row 33 of the faults: shown as text, whatever it is, and never beyond the box.
TEST_P(Names, AreShownWithinTheBox) {
  const std::string box = R"(<rect id="name-box" x="100" y="540" width="500" height="80" fill="none"/>)";
  const auto where = painted(plain_template("x=\"100\"", box), GetParam());
  EXPECT_GT(where.width, 8);
  EXPECT_GE(where.x, 96);
  EXPECT_LE(where.x + where.width, 604);
  EXPECT_LE(where.height, 180);
  const auto built_in = draw_lower_third(kBuiltInLowerThird, {GetParam(), GetParam()}, kProgramme);
  EXPECT_TRUE(built_in.ok());
}

INSTANTIATE_TEST_SUITE_P(Row33, Names,
                         ::testing::Values("Ada", "Müller & Söhne", "<script>alert(1)</script>", "]]>&amp;<!--",
                                           "\xE2\x80\xAE"
                                           "moc.live",
                                           "ليلى حداد", "👩‍💻🇩🇪", std::string(300, 'W'),
                                           "Dr. " + std::string(296, 'i'), std::string("Ada\0Lovelace", 12),
                                           "broken \xFF\xC3 bytes",
                                           "Professorin Dr. Annegret Freifrau von und zu Hohenstein-Rappoltsweiler"));

TEST(Drawing, AnAmpersandIsATextAndNoMarkup) {
  const auto svg = plain_template("x=\"100\"");
  EXPECT_GT(painted(svg, "A &amp; B").width, painted(svg, "A & B").width);
  EXPECT_GT(painted(svg, "<b>A</b>").width, painted(svg, "A").width);
}

TEST(Drawing, ALongNameBecomesSmallerBeforeItIsShortened) {
  const std::string box = R"(<rect id="name-box" x="100" y="540" width="500" height="80" fill="none"/>)";
  const auto svg = plain_template("x=\"100\"", box);
  const auto whole = painted(svg, "HHHHHHHHH");
  const auto smaller = painted(svg, "HHHHHHHHHHHHHHH");
  const auto shortest = painted(svg, std::string(300, 'H'));
  EXPECT_LT(smaller.height, whole.height);
  EXPECT_GE(smaller.height, whole.height * kSmallest - 3);
  EXPECT_GE(shortest.height, whole.height * kSmallest - 3);
  EXPECT_NEAR(smaller.y + smaller.height / 2.0, whole.y + whole.height / 2.0, 3);
  EXPECT_GT(smaller.width, 480);
  EXPECT_GT(shortest.width, 440);
}

TEST(Drawing, ATextKeepsItsAnchorAndItsRoom) {
  const std::string box = R"(<rect id="name-box" x="700" y="540" width="400" height="80" fill="none"/>)";
  const auto end = painted(plain_template("x=\"1100\" text-anchor=\"end\"", box), std::string(60, 'W'));
  EXPECT_GE(end.x, 696);
  EXPECT_NEAR(end.x + end.width, 1100, 6);
  const auto middle = painted(plain_template("x=\"900\" style=\"text-anchor:middle\"", box), std::string(60, 'W'));
  EXPECT_GE(middle.x, 696);
  EXPECT_LE(middle.x + middle.width, 1104);
  EXPECT_NEAR(middle.x + middle.width / 2, 900, 6);
}

TEST(Drawing, WithoutABoxATextStaysInTheSafeArea) {
  const auto where = painted(plain_template("x=\"300\""), std::string(200, 'W'));
  EXPECT_LE(where.x + where.width, 1280 * 0.95 + 4);
  EXPECT_GE(where.x, 296);
}

TEST(Drawing, WithoutAFunctionItsPartIsLeftOut) {
  const auto with = painted(std::string(kBuiltInLowerThird), "Ada Lovelace", "Mathematikerin");
  const auto without = painted(std::string(kBuiltInLowerThird), "Ada Lovelace");
  EXPECT_LT(without.height, with.height - 30);
}

TEST(Drawing, ATemplateMayBeDrawnForAnySize) {
  const auto graphic = draw_lower_third(kBuiltInLowerThird, {"Ada", "x"}, {640, 360});
  ASSERT_TRUE(graphic.ok());
  EXPECT_LE(graphic->where.x + graphic->where.width, 640);
  EXPECT_GT(graphic->where.y, 240);
}

TEST(Drawing, ATemplateOfADrawingProgramKeepsItsSpans) {
  const auto where = painted(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720">
    <text id="name"><tspan x="400" y="600" style="font-size:60px;fill:#fff">A<tspan>B</tspan></tspan></text></svg>)",
                             "Ada");
  EXPECT_NEAR(where.x, 400, 8);
  EXPECT_GT(where.height, 36);
}

TEST(Drawing, ATemplateMayShowNamesAlone) {
  const auto svg = plain_template("x=\"100\"");
  EXPECT_EQ(painted(svg, "Ada", "Mathematikerin"), painted(svg, "Ada"));
}

TEST(Drawing, SaysWhatIsWrongWithATemplate) {
  const auto reason = [](const std::string& svg) {
    const auto drawn = draw_lower_third(svg, {"Ada", "x"}, kProgramme);
    return drawn.ok() ? "drawn" : drawn.error().message;
  };
  EXPECT_THAT(reason("<svg>\n<oops</svg>"), HasSubstr("line 2: "));
  EXPECT_EQ(reason(""), "line 1: Document is empty");
  EXPECT_THAT(reason("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"), HasSubstr("there is no <text id=\"name\">"));
  EXPECT_THAT(reason("<svg xmlns=\"http://www.w3.org/2000/svg\"><rect id=\"name\"/></svg>"),
              HasSubstr("there is no <text id=\"name\">"));
  EXPECT_THAT(reason(plain_template("x=\"100\" display=\"none\"")), HasSubstr(""));
  EXPECT_NE(reason(plain_template("x=\"100\" display=\"none\"")), "drawn");
  EXPECT_FALSE(draw_lower_third(kBuiltInLowerThird, {" \n", "x"}, kProgramme).ok());
}

// Nothing outside the SVG is read: a template is a file that somebody sent.
TEST(Drawing, FollowsNoReferenceOutOfTheFile) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / ("pult-svg-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto red = R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>)";
  ASSERT_TRUE(write_file(folder / "red.svg", red).ok());
  ASSERT_TRUE(write_file(folder / "secret.txt", "secretsecretsecret").ok());
  const auto of = [&](const std::string& type, const std::string& content, const std::string& name) {
    return type + R"(<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
      xmlns:xi="http://www.w3.org/2001/XInclude" viewBox="0 0 1280 720">)" +
           content + R"(<text id="name" x="100" y="600" font-size="60" fill="#fff">)" + name + "</text></svg>";
  };
  const auto url = "file://" + (folder / "red.svg").string();
  const auto bare = painted(of("", "", ""), "Ada");
  for (const auto& content :
       {R"(<image x="0" y="0" width="600" height="400" xlink:href=")" + url + "\"/>",
        R"(<use xlink:href=")" + url + "#x\"/>",
        R"(<image x="0" y="0" width="600" height="400" href="http://127.0.0.1:9/x.png"/>)" + std::string(),
        "<style>@import url(\"" + url + "\");</style>",
        "<text x=\"0\" y=\"50\" fill=\"#fff\"><xi:include parse=\"text\" href=\"" + (folder / "secret.txt").string() +
            "\"/></text>"})
    EXPECT_EQ(painted(of("", content, ""), "Ada"), bare) << content;
  const auto entity = "<!DOCTYPE svg [<!ENTITY e SYSTEM \"" + (folder / "secret.txt").string() + "\">]>";
  const auto drawn =
      draw_lower_third(of(entity, "<text x=\"0\" y=\"50\" fill=\"#fff\">&e;</text>", ""), {"Ada", ""}, kProgramme);
  if (drawn.ok()) {
    EXPECT_EQ(drawn->where, bare);
  }
  std::filesystem::remove_all(folder);
}

TEST(Drawing, AnEntityBombEnds) {
  std::string type = "<!DOCTYPE svg [<!ENTITY a0 \"haha\">";
  for (int i = 1; i < 30; ++i)
    type += fmt::format("<!ENTITY a{0} \"&a{1};&a{1};&a{1};&a{1};&a{1};&a{1};&a{1};&a{1};&a{1};&a{1};\">", i, i - 1);
  const auto begun = std::chrono::steady_clock::now();
  const auto drawn = draw_lower_third(type + R"(]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720">
<text x="9" y="9">&a29;</text><text id="name" x="100" y="600">x</text></svg>)",
                                      {"Ada", ""}, kProgramme);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 20s);
}

// --- the painter -----------------------------------------------------------------------------------------------------

TEST(Painter, DrawsTheNewestThatIsAsked) {
  RoomConfig config;
  config.programme = {640, 360};
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> drawn;
  const auto add = [&](const std::string& text) {
    const std::lock_guard lock(mutex);
    drawn.push_back(text);
    changed.notify_all();
  };
  LowerThirdPainter painter(config, {[&](const auto& text, const auto& graphic) {
                                       add(text.name + (graphic.ok() ? "" : ": " + graphic.error().message));
                                     },
                                     [&](const auto& name, const Error& error) { add(name + error.message); }});
  for (int i = 0; i < 50; ++i)
    painter.ask({"A" + std::to_string(i), "", "", i, 0});
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, 30s, [&] { return !drawn.empty() && drawn.back() == "A49"; }));
  EXPECT_LT(drawn.size(), 50u);
  lock.unlock();
  painter.ask({"B", "", "hous", 51, 0});
  lock.lock();
  ASSERT_TRUE(changed.wait_for(lock, 30s, [&] { return drawn.back() != "A49"; }));
  EXPECT_EQ(drawn.back(), "B: no template \"hous\" in this room");
}

TEST(Painter, TriesTheTemplatesBeforeTheyAreNeeded) {
  RoomConfig config;
  config.programme = {640, 360};
  config.templates = {{"house", "/nonexistent/house.svg"}, {"guest", "/nonexistent/guest.svg"}};
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> faults;
  const LowerThirdPainter painter(config, {[](const auto&, const auto&) {},
                                           [&](const auto& name, const Error& error) {
                                             const std::lock_guard lock(mutex);
                                             faults.push_back(name + ": " + error.message);
                                             changed.notify_all();
                                           }});
  std::unique_lock lock(mutex);
  ASSERT_TRUE(changed.wait_for(lock, 30s, [&] { return faults.size() == 2; }));
  EXPECT_THAT(faults[0], HasSubstr("house: open /nonexistent/house.svg: No such file"));
  EXPECT_THAT(faults[1], HasSubstr("guest: "));
}

TEST(Painter, NamesTheNearestTemplate) {
  const std::vector<TemplateConfig> templates{{"house", "/nonexistent/house.svg"}};
  EXPECT_THAT(template_svg(templates, "hous").error().message, HasSubstr("did you mean \"house\"?"));
  EXPECT_THAT(template_svg(templates, "").error().message, HasSubstr("/nonexistent/house.svg"));
  EXPECT_THAT(*template_svg({}, ""), HasSubstr("<svg"));
}

} // namespace
} // namespace pult::transcode
