// pult-cam: a simulated camera. Reads its options, gets its media ready, runs the camera until a signal ends it.
#include "base/exit_codes.hpp"
#include "cam/camera.hpp"
#include "cam/file_source.hpp"
#include "cam/file_transcode.hpp"
#include "cam/loop_cache.hpp"
#include "cam/loop_source.hpp"
#include "cam/options.hpp"

#include <fmt/format.h>

#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <future>
#include <memory>
#include <string_view>

namespace {

using namespace pult;
using namespace pult::cam;

// A passphrase in the URL would stand in everybody's `ps`: written over, in the memory that the kernel shows.
void hide_passphrases(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const auto secret = passphrase_in(argv[i]);
    if (!secret.empty()) std::memset(const_cast<char*>(secret.data()), '*', secret.size());
  }
}

// Never fails: whoever read our stderr may be gone.
void say(const std::string& name, const std::string& what) {
  std::fputs(fmt::format("pult-cam {}: {}\n", name, what).c_str(), stderr);
}

int end(const Ending& ending) {
  std::fputs((ending.text + "\n").c_str(), ending.exit_code == exit_code::kDone ? stdout : stderr);
  return ending.exit_code;
}

int refuse(const std::string& name, const Error& error) {
  say(name, error.message);
  return exit_code::kRefused;
}

// A line each tenth: it reads well in a log, too.
class ProgressLines {
 public:
  ProgressLines(std::string name, std::string what, Signals& signals)
      : name_(std::move(name)), what_(std::move(what)), signals_(signals) {}

  bool operator()(double done) {
    if (done >= next_) {
      say(name_, fmt::format("{}, {:.0f} %", what_, done * 100));
      next_ += 0.1;
    }
    return !signals_.stopped();
  }

 private:
  std::string name_;
  std::string what_;
  Signals& signals_;
  double next_ = 0;
};

Result<std::unique_ptr<MediaSource>> open_file(const Options& options, Signals& signals) {
  const auto path = playable_file(options.file, ProgressLines(options.loop.name, "transcoding the file", signals));
  if (!path) return path.error();
  auto source = FileSource::open(*path);
  if (!source) return source.error();
  return std::unique_ptr<MediaSource>(std::move(*source));
}

// Making a loop or transcoding must not take the machine from a room that is on air. On Linux the priority is a
// thread's own, and the encoder's threads inherit it; the thread ends with its work, as nobody may raise a priority
// again.
template <typename Work>
auto at_low_priority(Work work) {
  constexpr int kNice = 10;
  return std::async(std::launch::async,
                    [&work] {
                      setpriority(PRIO_PROCESS, 0, kNice);
                      return work();
                    })
      .get();
}

Result<std::unique_ptr<MediaSource>> open_source(const Options& options, Signals& signals) {
  if (!options.file.empty()) return open_file(options, signals);
  const auto problem = [&options](const std::string& what) { say(options.loop.name, what); };
  auto loop =
      cached_or_made_loop(options.loop, ProgressLines(options.loop.name, "making the picture", signals), problem);
  if (!loop) return loop.error();
  return std::unique_ptr<MediaSource>(std::make_unique<LoopSource>(std::move(*loop)));
}

int run(const Options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  Signals signals;
  const SrtLibrary library;
  auto source = at_low_priority([&] { return open_source(options, signals); });
  if (signals.stopped()) return exit_code::kDone;
  if (!source) return refuse(options.loop.name, source.error());
  Camera camera(options.loop.name, options.target, std::move(*source), signals);
  if (auto ran = camera.run(); !ran) return refuse(options.loop.name, ran.error());
  return exit_code::kDone;
}

} // namespace

int main(int argc, char** argv) {
  auto options = read_options(argc, argv);
  hide_passphrases(argc, argv);
  av_log_set_level(AV_LOG_FATAL); // what matters comes back as a value
  if (const auto* ending = std::get_if<Ending>(&options)) return end(*ending);
  return run(std::get<Options>(options));
}
