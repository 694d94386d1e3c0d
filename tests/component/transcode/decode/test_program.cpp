#include "test_program.hpp"

#include "base/file.hpp"
#include "base/messages/state_link.hpp"
#include "base/run_dir.hpp"

#include <boost/json/serialize.hpp>
#include <csignal>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace pult::transcode::decode::test {

using namespace std::chrono_literals;

ProgramRoom::ProgramRoom(const std::string& program, int width, int height, int fps)
    : program_(program), config_(folder.path("room.toml")), run_dir_(*RunDir::open(folder.path("run"))) {
  const auto config = fmt::format("[room]\nname = \"t\"\nrun_dir = \"run\"\n[program]\nsize = \"{}x{}\"\nfps = {}\n"
                                  "[[rendition]]\nname = \"r\"\nsize = \"{}x{}\"\nvideo_kbps = 1000\n"
                                  "[[feed]]\nname = \"cam1\"\nopen = true\n",
                                  width, height, fps, width, height);
  EXPECT_TRUE(write_file(config_, config).ok());
  epoch = *RoomEpoch::open(run_dir_.path());
  mixer =
      std::make_unique<TestMixer>(io, run_dir_.socket_path(socket_name::kTranscodeMedia), epoch, width, height, fps);
  dialer_ = std::make_unique<LinkDialer>(
      io, run_dir_.socket_path(socket_name::decode_media("cam1")), Link::Bounds{}, [this](std::shared_ptr<Link> link) {
        link_ = std::move(link);
        ++ingest_links;
        link_->start([](auto, auto, UniqueFd) -> Result<void> { return {}; },
                     [this](const Error&) {
                       link_.reset();
                       dialer_->dial();
                     });
        link_->send(feed_link::kHello, feed_link::encode(feed_link::Hello{.feed = "cam1"}));
      });
  dialer_->dial();
}

ProgramRoom::~ProgramRoom() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  dialer_->stop();
  if (crew_dialer_) crew_dialer_->stop();
  if (crew_) crew_->close({Errc::kUnavailable, "test"});
  if (link_) link_->close({Errc::kUnavailable, "test"});
  mixer->close();
}

void ProgramRoom::start_program() {
  pid_ = ::fork();
  if (pid_ != 0) return;
  ::execl(program_.c_str(), program_.c_str(), "--config", config_.c_str(), "--feed", "cam1", nullptr);
  ::_exit(127);
}

std::optional<int> ProgramRoom::ended() {
  int status = 0;
  if (pid_ <= 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

double ProgramRoom::cpu_seconds() const {
  auto text = read_file(fmt::format("/proc/{}/stat", pid_));
  if (!text) return 0;
  std::istringstream in(text->substr(text->rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i)
    in >> skipped;
  double user = 0, system = 0;
  in >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

long ProgramRoom::resident_kb() const {
  auto text = read_file(fmt::format("/proc/{}/statm", pid_));
  if (!text) return 0;
  std::istringstream in(*text);
  long total = 0, resident = 0;
  in >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) / 1024;
}

bool ProgramRoom::wait(const std::function<bool()>& done, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (std::chrono::steady_clock::now() < deadline) {
    if (done()) return true;
    io.restart();
    io.run_one_for(2ms);
  }
  return done();
}

void ProgramRoom::command(const boost::json::object& command) {
  if (!crew_dialer_) {
    crew_dialer_ = std::make_unique<LinkDialer>(io, run_dir_.socket_path(socket_name::state("pult-decode@cam1")),
                                                Link::Bounds{}, [this](std::shared_ptr<Link> link) {
                                                  crew_ = std::move(link);
                                                  crew_->start([](auto, auto, UniqueFd) -> Result<void> { return {}; },
                                                               [](const Error&) {});
                                                });
    crew_dialer_->dial();
  }
  EXPECT_TRUE(wait([this] { return crew_ != nullptr; }));
  const auto text = boost::json::serialize(command);
  if (crew_) crew_->send(state_link::kCommand, Bytes(text.begin(), text.end()));
}

void ProgramRoom::play(const std::vector<TimedChunk>& chunks, Nanoseconds history, const std::function<bool()>& until) {
  const auto start = monotonic_now() - history;
  for (const auto& chunk : chunks) {
    const auto at = start + chunk.at;
    const bool replayed = at < monotonic_now() - 100ms;
    wait([&] { return monotonic_now() >= at && link_ && link_->queued_bytes() < (4u << 20); }, 60s);
    if (until && until()) return;
    if (link_) link_->send(feed_link::kChunk, feed_link::encode(feed_link::Chunk{at, 1, replayed, chunk.bytes}));
  }
}

} // namespace pult::transcode::decode::test
