// What the component tests of ingest share: a room on loopback, senders over real libsrt and real ffmpeg, and the
// decoder's end of the feed link.
#pragma once

#include "base/config.hpp"
#include "base/link.hpp"
#include "base/messages/feed_link.hpp"
#include "base/run_dir.hpp"
#include "base/unique_fd.hpp"
#include "ingest/ingest.hpp"
#include "ingest/srt_raii.hpp"
#include "tests/support/slowness.hpp"
#include "tests/unit/ingest/ts_builder.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <vector>

extern char** environ;

namespace pult::ingest::test {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr const char* kRealFile = "/usr/share/forensics-samples/original-files/movie2/movie-hello.mp4";
inline constexpr const char* kKey = "correct-horse-battery";
inline constexpr const char* kOtherKey = "quite-another-key";

// libsrt once for the whole test program.
inline void use_srt() {
  static const SrtLibrary library;
}

class ScratchDir {
 public:
  ScratchDir() {
    std::string name = "/dev/shm/pult-test-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~ScratchDir() { std::filesystem::remove_all(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline FeedConfig feed_config(const std::string& name) {
  FeedConfig feed;
  feed.name = feed.label = name;
  feed.passphrase = kKey;
  return feed;
}

// cam1 as by default, quick: newest, slow: 1 s of latency, free: without a key, one: first come.
inline RoomConfig room_config() {
  RoomConfig config;
  config.srt_listen = {"127.0.0.1", 0};
  config.srt_latency = milliseconds(120);
  config.feeds = {feed_config("cam1"), feed_config("newest"), feed_config("slow"), feed_config("free"),
                  feed_config("first")};
  config.feeds[1].policy = FeedConfig::Policy::kNewest;
  config.feeds[2].latency = milliseconds(1000);
  config.feeds[3].passphrase.clear();
  config.feeds[3].open = true;
  config.feeds[4].policy = FeedConfig::Policy::kFirst;
  return config;
}

// A room's ingest, run by the test's own thread: every wait is a predicate with a deadline.
struct Room {
  explicit Room(RoomConfig room = room_config(), std::optional<int> own_port = std::nullopt)
      : config(std::move(room)), run_dir(*RunDir::open(scratch.path())) {
    use_srt();
    open(own_port);
  }

  void open(std::optional<int> own_port = std::nullopt) {
    Ingest::Params params;
    params.own_port = own_port;
    params.event = [this](std::string_view level, std::string text, json::object details) {
      details["level"] = level;
      details["text"] = text;
      events.push_back(std::move(details));
    };
    ingest = std::make_unique<Ingest>(io, config, run_dir, params);
    ingest->start();
  }

  template <typename Predicate>
  bool wait_for(Predicate predicate, Nanoseconds limit = seconds(10)) {
    const auto deadline = monotonic_now() + limit * pult::test::kSlowness;
    while (!predicate()) {
      if (monotonic_now() > deadline) return false;
      io.restart();
      io.run_for(milliseconds(5));
    }
    return true;
  }

  int port() {
    EXPECT_TRUE(wait_for([this] { return ingest->port() != 0; })) << json::serialize(ingest->report());
    return ingest->port();
  }

  [[nodiscard]] json::object feed(std::string_view name) const {
    const auto report = ingest->report();
    for (const auto& entry : report.at("feeds").as_array())
      if (entry.as_object().at("name").as_string() == name) return entry.as_object();
    return {};
  }
  [[nodiscard]] std::string text(std::string_view feed_name, std::string_view key) const {
    const auto report = feed(feed_name);
    const auto* value = report.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
  }
  [[nodiscard]] std::string state(std::string_view feed_name) const { return text(feed_name, "state"); }
  bool becomes(std::string_view feed_name, std::string_view wanted, Nanoseconds limit = seconds(10)) {
    return wait_for([&] { return state(feed_name) == wanted; }, limit);
  }
  // Text of the first event of that kind; empty: none yet.
  [[nodiscard]] json::object event(std::string_view kind) const {
    for (const auto& entry : events)
      if (entry.at("kind").as_string() == kind) return entry;
    return {};
  }
  bool tells(std::string_view kind, Nanoseconds limit = seconds(10)) {
    return wait_for([&] { return !event(kind).empty(); }, limit);
  }

  ScratchDir scratch;
  RoomConfig config;
  RunDir run_dir;
  asio::io_context io;
  std::vector<json::object> events;
  std::unique_ptr<Ingest> ingest;
};

// A UDP socket on a port that the system chose.
struct PlainUdp {
  PlainUdp() : fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const auto any = *numeric_address("127.0.0.1", 0);
    PeerAddress bound;
    socklen_t length = sizeof bound.storage;
    EXPECT_EQ(::bind(fd.get(), any.get(), static_cast<socklen_t>(any.length)), 0);
    ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&bound.storage), &length);
    port = bound.port();
  }
  UniqueFd fd;
  int port = 0;
};

// The system chose it for a moment; nothing else on this machine wants it again at once.
inline int free_port() {
  return PlainUdp().port;
}

// A sender over libsrt in this process. Connects without blocking the room: in a thread of its own.
class Sender {
 public:
  Sender(int port, const std::string& stream_id, const std::string& key) {
    use_srt();
    socket_.reset(srt_create_socket());
    EXPECT_TRUE(set_text_option(socket_.get(), SRTO_STREAMID, stream_id, "streamid"));
    if (!key.empty()) {
      EXPECT_TRUE(set_text_option(socket_.get(), SRTO_PASSPHRASE, key, "passphrase"));
    }
    const auto to = *numeric_address("127.0.0.1", port);
    connected_ = srt_connect(socket_.get(), to.get(), to.length) != SRT_ERROR;
    if (!connected_) reason_ = srt_getrejectreason(socket_.get());
  }

  [[nodiscard]] bool connected() const { return connected_; }
  [[nodiscard]] int reason() const { return reason_; } // why it was refused
  [[nodiscard]] bool closed_by_peer() const { return srt_getsockstate(socket_.get()) >= SRTS_BROKEN; }
  void close() { socket_.reset(); }

  // About 40 ms of a feed: seven packets, a key picture among them each second or so.
  void send_some() {
    if (count_ % 25 == 0) builder_.tables().key_picture();
    while (builder_.bytes().size() < 7 * kTsPacketBytes)
      builder_.other_picture().sound();
    auto bytes = builder_.take();
    for (std::size_t at = 0; at < bytes.size(); at += 7 * kTsPacketBytes)
      srt_send(socket_.get(), reinterpret_cast<const char*>(bytes.data() + at),
               static_cast<int>(std::min(7 * kTsPacketBytes, bytes.size() - at)));
    ++count_;
  }

 private:
  SrtSocket socket_;
  bool connected_ = false;
  int reason_ = 0;
  TsBuilder builder_;
  int count_ = 0;
};

// A sender that goes on sending until it is dropped.
class SteadySender {
 public:
  SteadySender(int port, const std::string& stream_id, const std::string& key = kKey)
      : sender_(port, stream_id, key), thread_([this](const std::stop_token& stop) {
          while (!stop.stop_requested()) {
            if (!paused_) sender_.send_some();
            std::this_thread::sleep_for(milliseconds(20)); // the sender's pace
          }
        }) {}
  [[nodiscard]] Sender& sender() { return sender_; }
  void pause(bool paused) { paused_ = paused; }

 private:
  Sender sender_;
  std::atomic<bool> paused_{false};
  std::jthread thread_;
};

// A real program, killed at the latest when it goes out of scope.
class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments) {
    std::vector<char*> argv;
    for (const auto& argument : arguments)
      argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    if (::posix_spawnp(&pid_, argv.front(), nullptr, nullptr, argv.data(), environ) != 0) pid_ = -1;
  }
  ~Process() {
    if (pid_ > 0) {
      signal(SIGKILL);
      (void)wait();
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const {
    if (pid_ > 0) ::kill(pid_, number);
  }
  // The exit code; 128 + signal.
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  // Empty while it runs.
  std::optional<int> ended() {
    int status = 0;
    if (pid_ <= 0 || ::waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_ = -1;
};

// ffmpeg sends the real file in an endless loop, as a crew would.
inline std::vector<std::string> ffmpeg_sender(int port, const std::string& stream_id, const std::string& key) {
  const auto url = "srt://127.0.0.1:" + std::to_string(port) + "?streamid=" + stream_id +
                   (key.empty() ? "" : "&passphrase=" + key) + "&pkt_size=1316";
  return {"ffmpeg",  "-hide_banner", "-loglevel", "fatal", "-nostdin", "-re", "-stream_loop", "-1", "-i",
          kRealFile, "-c",           "copy",      "-f",    "mpegts",   url};
}

// The decoder's end of the feed link, as pult-decode has it.
struct Decoder {
  struct Received {
    feed_link::Chunk chunk; // without its bytes
    Bytes bytes;
  };
  Decoder(Room& room, const std::string& feed) {
    auto opened = LinkListener::open(room.io, room.run_dir.socket_path(socket_name::decode_media(feed)), {},
                                     [this](auto accepted) { on_link(std::move(accepted)); });
    EXPECT_TRUE(opened.ok());
    if (opened) listener = std::move(*opened);
  }
  ~Decoder() {
    if (link) link->close({Errc::kUnavailable, "the test ends"});
    if (listener) listener->close();
  }

  void on_link(std::shared_ptr<Link> accepted) {
    link = std::move(accepted);
    link->start([this](std::uint16_t type, ByteView payload, UniqueFd) { return on_frame(type, payload); },
                [this](const Error&) { link = nullptr; });
  }
  Result<void> on_frame(std::uint16_t type, ByteView payload) {
    if (type == feed_link::kHello) {
      hello = *feed_link::decode_hello(payload);
      return {};
    }
    auto chunk = feed_link::decode_chunk(payload);
    if (!chunk) return chunk.error();
    chunks.push_back({*chunk, Bytes(chunk->bytes.begin(), chunk->bytes.end())});
    return {};
  }
  [[nodiscard]] Bytes all_bytes() const {
    Bytes all;
    for (const auto& received : chunks)
      all.insert(all.end(), received.bytes.begin(), received.bytes.end());
    return all;
  }

  std::unique_ptr<LinkListener> listener;
  std::shared_ptr<Link> link;
  feed_link::Hello hello;
  std::vector<Received> chunks;
};

} // namespace pult::ingest::test
