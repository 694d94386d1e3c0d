// The slides of a talk: title, points that come in one by one, a drawing; the next slide about every ten seconds.
#include "cam/motif.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace pult::cam {
namespace {

constexpr int kPoints = 4;
constexpr Colour kPaper{0.97, 0.97, 0.95};
constexpr Colour kInk{0.13, 0.16, 0.22};
constexpr Colour kPale{0.52, 0.55, 0.60};

struct Slide {
  const char* title;
  std::array<const char*, kPoints> points;
  std::array<double, 5> bars; // heights of the drawing, 0 to 1
};

constexpr std::array<Slide, 6> kSlides{{
    {"Offene Daten im ländlichen Raum",
     {"Wer Daten teilt, spart doppelte Arbeit", "Fahrpläne, Pegel, Baustellen", "Ein Format für alle Gemeinden",
      "Am Anfang steht ein Gespräch"},
     {0.25, 0.40, 0.55, 0.70, 0.90}},
    {"Was wir gemessen haben",
     {"Zwölf Orte, ein Jahr, ein Sensor je Ort", "Lücken: unter zwei Prozent", "Kosten: 31 Euro im Monat",
      "Alles zum Nachbauen"},
     {0.80, 0.62, 0.70, 0.45, 0.30}},
    {"Das Bürgernetz an der Kinzig",
     {"Vier Türme, neunzig Dächer", "Gewartet wird am Samstag", "Strom aus der Sonne",
      "Fällt eins aus, trägt der Rest"},
     {0.35, 0.75, 0.50, 0.85, 0.60}},
    {"Barrieren abbauen",
     {"Untertitel sind kein Beiwerk", "Kontrast statt Zierrat", "Jede Taste hat einen Namen",
      "Wer prüft, fragt die, die es brauchen"},
     {0.20, 0.35, 0.65, 0.80, 0.95}},
    {"Schulen ans Glasfasernetz",
     {"Von 41 auf 96 Prozent in drei Jahren", "Ein Plan für alle Träger", "Hausnetze zuerst", "Betrieb gehört dazu"},
     {0.41, 0.52, 0.68, 0.83, 0.96}},
    {"Wie es weitergeht",
     {"Nächstes Treffen im Mai", "Quelltext und Daten liegen offen", "Mitmachen: eine E-Mail genügt",
      "Vielen Dank! Fragen?"},
     {0.50, 0.58, 0.55, 0.66, 0.72}},
}};

class SlidesMotif final : public Motif {
 public:
  explicit SlidesMotif(LoopFormat format)
      : format_(std::move(format)), count_(std::clamp<int64_t>(format_.length.count() / 10, 1, std::ssize(kSlides))) {}

  // A slide stands in kPoints steps: with one point, with two, …
  [[nodiscard]] int64_t still_of(int64_t number) const override {
    return number * count_ * kPoints / format_.grid().per_loop();
  }

  void paint_still(Brush& brush, int64_t still) const override {
    const int64_t page = still / kPoints;
    const auto& slide = kSlides[static_cast<size_t>(page)];
    const Colour accent = mix(accent_of(format_.name), kInk, 0.35);
    brush.wash({0, 0, 1, 1}, kPaper, mix(kPaper, accent, 0.06));
    brush.text({0.06, 0.29}, slide.title, {0.074, kInk, true, 0.70});
    brush.fill({0.06, 0.335, 0.12, 0.012}, accent);
    for (int64_t point = 0; point <= still % kPoints; ++point)
      paint_point(brush, static_cast<int>(point), slide.points[static_cast<size_t>(point)], accent);
    brush.fill({0.06, 0.925, 0.88, 0.003}, mix(kPaper, kPale, 0.5));
    brush.text({0.06, 0.968}, "Ortenau Digital", {0.030, kPale, false, 0.5});
    brush.text({0.88, 0.968}, fmt::format("{} / {}", page + 1, count_), {0.030, kPale, false, 0.1});
  }

  // The drawing grows while its slide stands.
  void move(Brush& brush, int64_t number) const override {
    const double slide = static_cast<double>(number * count_) / static_cast<double>(format_.grid().per_loop());
    const auto page = static_cast<size_t>(slide);
    const double grown = std::min(1.0, (slide - static_cast<double>(page)) * 4);
    const Colour accent = mix(accent_of(format_.name), kInk, 0.35);
    for (size_t bar = 0; bar < 5; ++bar) {
      const double height = 0.34 * kSlides[page].bars[bar] * (1 - std::pow(1 - grown, 3));
      brush.fill({0.70 + static_cast<double>(bar) * 0.049, 0.86 - height, 0.036, height},
                 mix(accent, kPaper, 0.5 - static_cast<double>(bar) * 0.12));
    }
    brush.line({0.69, 0.86}, {0.95, 0.86}, 0.005, kInk);
  }

 private:
  static void paint_point(Brush& brush, int place, const char* what, Colour accent) {
    const double y = 0.475 + place * 0.115;
    brush.disc({0.072, y - 0.017}, 0.013, accent);
    brush.text({0.095, y}, what, {0.052, kInk, false, 0.58});
  }

  LoopFormat format_;
  int64_t count_;
};

} // namespace

std::unique_ptr<Motif> slides_motif(const LoopFormat& format) {
  return std::make_unique<SlidesMotif>(format);
}

} // namespace pult::cam
