#include "cam/options.hpp"

#include "base/exit_codes.hpp"
#include "base/file.hpp"
#include "base/nearest.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <glib.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <vector>

namespace pult::cam {
namespace {

constexpr const char* kAbout =
    "A simulated camera: sends a test picture with a clock, or a file in an endless loop, over SRT.";
constexpr const char* kExample = "Example:\n  pult-cam 'srt://127.0.0.1:9000?streamid=#!::r=cam1,m=publish' --name "
                                 "Rednerpult --passphrase-file secrets/cam1";
constexpr size_t kLongestName = 200; // bytes; the picture shows what fits

// As it stands on the command line.
struct Given {
  std::string url, file, name, motif = "clock", size = "1280x720", passphrase_file;
  int fps = 25, kbps = 0, loop = 60, b_frames = 0;
};

Error wrong(std::string message) {
  return {Errc::kInvalidArgument, std::move(message)};
}

void declare(CLI::App& app, Given& given) {
  app.option_defaults()->multi_option_policy(
      CLI::MultiOptionPolicy::TakeLast); // a wrapper's defaults can be overridden
  app.add_option("URL", given.url, "srt://host:port?streamid=…&latency=200 (milliseconds); quote it for the shell")
      ->required();
  app.add_option("--file", given.file, "a media file instead of the test picture; H.264 and AAC are sent as they are");
  app.add_option("--name", given.name, "what the picture shows (default: the feed's name)");
  app.add_option("--motif", given.motif, "what the test picture shows: clock, speaker, slides, hall")
      ->capture_default_str();
  app.add_option("--passphrase-file", given.passphrase_file, "SRT passphrase; or $PULT_CAM_PASSPHRASE");
  app.add_option("--size", given.size, "of the test picture")->capture_default_str();
  app.add_option("--fps", given.fps, "pictures a second; divides 90000: 24, 25, 30, 50, 60 …")->capture_default_str();
  app.add_option("--kbps", given.kbps, "of the picture (default: by size and rate)");
  app.add_option("--bframes", given.b_frames, "B-frames in a row, 0 to 3")->capture_default_str();
  app.add_option("--loop", given.loop, "length of the test picture's loop in seconds; divides 60")
      ->capture_default_str();
  app.footer(kExample);
}

std::string suggestion(const CLI::App& app, const std::string& word) {
  if (!word.starts_with('-')) return {};
  std::vector<std::string> names;
  for (const auto* option : app.get_options())
    for (const auto& name : option->get_lnames())
      names.push_back("--" + name);
  return did_you_mean(word.substr(0, word.find('=')), names);
}

Ending usage(const std::string& message) {
  return {exit_code::kUsage,
          fmt::format("pult-cam: {}\nUsage: pult-cam URL [--file FILE] [--name TEXT]; pult-cam --help", message)};
}

Result<void> read_size(const std::string& text, LoopFormat& loop) {
  const auto cross = text.find('x');
  const auto side = [](std::string_view digits, int& into) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), into);
    return error == std::errc{} && end == digits.data() + digits.size();
  };
  const bool numbers = cross != std::string::npos && side(std::string_view(text).substr(0, cross), loop.width) &&
                       side(std::string_view(text).substr(cross + 1), loop.height);
  // Below, the wall-clock code cannot be read; above, one core does not make the loop in reasonable time.
  const bool fits = numbers && loop.width >= 160 && loop.width <= 3840 && loop.height >= 90 && loop.height <= 2160;
  if (!fits || loop.width % 2 != 0 || loop.height % 2 != 0)
    return wrong(fmt::format("--size {}: even numbers from 160x90 to 3840x2160, as in 1280x720", text));
  return {};
}

Result<void> read_motif(const std::string& word, LoopFormat& loop) {
  static const std::vector<std::string> kMotifs{"clock", "speaker", "slides", "hall"}; // as MotifKind
  const auto found = std::find(kMotifs.begin(), kMotifs.end(), word);
  if (found == kMotifs.end())
    return wrong(fmt::format("--motif {}: one of {}{}", word, fmt::join(kMotifs, ", "), did_you_mean(word, kMotifs)));
  loop.motif = static_cast<MotifKind>(found - kMotifs.begin());
  return {};
}

Result<void> read_loop(const Given& given, LoopFormat& loop) {
  if (auto motif = read_motif(given.motif, loop); !motif) return motif;
  if (auto size = read_size(given.size, loop); !size) return size;
  if (!fits_the_clock(given.fps))
    return wrong(fmt::format("--fps {}: 24, 25, 30, 50, 60 or another that divides 90000", given.fps));
  if (given.loop < 1 || 60 % given.loop != 0)
    return wrong(fmt::format("--loop {}: seconds that divide 60", given.loop));
  if (given.b_frames < 0 || given.b_frames > 3) return wrong(fmt::format("--bframes {}: 0 to 3", given.b_frames));
  if (given.kbps != 0 && (given.kbps < 50 || given.kbps > 50'000))
    return wrong(fmt::format("--kbps {}: 50 to 50000", given.kbps));
  loop.fps = given.fps;
  loop.kbps = given.kbps != 0 ? given.kbps : usual_kbps(loop.width, loop.height, given.fps);
  loop.b_frames = given.b_frames;
  loop.length = std::chrono::seconds{given.loop};
  return {};
}

Result<void> read_name(const Given& given, const SrtTarget& target, LoopFormat& loop) {
  loop.name = given.name.empty() ? feed_name_of(target.stream_id) : given.name;
  if (loop.name.empty()) loop.name = "camera";
  if (loop.name.size() > kLongestName ||
      !g_utf8_validate(loop.name.data(), static_cast<gssize>(loop.name.size()), nullptr))
    return wrong(fmt::format("--name: UTF-8 text of at most {} bytes", kLongestName));
  return {};
}

Result<std::string> first_line(const std::string& path) {
  auto text = pult::read_file(path);
  if (!text) return text.error();
  return text->substr(0, text->find_first_of("\r\n"));
}

// A file before the environment before the URL: the less a thing is seen by others, the more it counts.
Result<void> read_passphrase(const Given& given, SrtTarget& target) {
  if (!given.passphrase_file.empty()) {
    auto line = first_line(given.passphrase_file);
    if (!line) return wrong("--passphrase-file " + line.error().message);
    target.passphrase = std::move(*line);
    return check_passphrase(target.passphrase);
  }
  if (const char* secret = std::getenv("PULT_CAM_PASSPHRASE"); secret && *secret) {
    target.passphrase = secret;
    return check_passphrase(target.passphrase);
  }
  return {};
}

Result<Options> understood(const Given& given) {
  Options options;
  auto target = parse_srt_url(given.url);
  if (!target) return target.error();
  options.target = std::move(*target);
  options.file = given.file;
  if (auto read = read_passphrase(given, options.target); !read) return read.error();
  if (auto read = read_loop(given, options.loop); !read) return read.error();
  if (auto read = read_name(given, options.target, options.loop); !read) return read.error();
  return options;
}

} // namespace

std::variant<Options, Ending> read_options(int argc, const char* const* argv) {
  CLI::App app(kAbout, "pult-cam");
  Given given;
  declare(app, given);
  app.allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Ending{exit_code::kDone, app.help()};
  } catch (const CLI::ParseError& error) {
    return usage(error.what());
  }
  if (const auto extras = app.remaining(); !extras.empty())
    return usage(fmt::format("unknown: {}{}", extras.front(), suggestion(app, extras.front())));
  auto options = understood(given);
  if (!options) return usage(options.error().message);
  return std::move(*options);
}

} // namespace pult::cam
