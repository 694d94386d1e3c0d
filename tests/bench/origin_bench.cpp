// Measures the origin alone: an hour-long show of two tracks with 100 kB parts, without encoders.
//   pult-origin-bench serve          prints the port and serves until killed: for wrk and the like
//   pult-origin-bench blocked N      N reloads wait for one part: how long until all are answered, and CPU per answer
#include "packager/origin.hpp"

#include <arpa/inet.h>
#include <boost/asio/post.hpp>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <future>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace pult::packager {
namespace {

using namespace std::chrono_literals;

constexpr int kParts = 6;
constexpr std::int64_t kSegments = 1875;
constexpr std::size_t kPartBytes = 100'000;

class Bench {
 public:
  Bench() {
    std::string name = "/dev/shm/pult-bench-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    auto window = Window::open(io_, folder_ / "window");
    const auto cutting = Cutting::of(*Grid::of(25), 1920ms, 320ms);
    origin_ = std::make_unique<Origin>(io_, Origin::Settings{cutting, 1920ms, 7200s, Nanoseconds(1'795'348'800s)},
                                       std::move(window), StaticFiles{});
    origin_->show_begins({"s1",
                          {{packet_link::TrackKind::kVideo, "720p", "avc1.64001f", 1280, 720, 2500, "", 90000},
                           {packet_link::TrackKind::kSound, "original", "mp4a.40.2", 0, 0, 128, "deu", 48000}}});
    for (std::size_t track = 0; track < 2; ++track)
      origin_->init_section({track, "init-a.mp4", small_});
    for (std::int64_t sequence = 0; sequence < kSegments; ++sequence)
      for (int number = 0; number < kParts; ++number)
        part(sequence, number);
    if (auto started = origin_->start(std::move(http::listen_tcp({"127.0.0.1", 0}).value())); !started)
      throw std::runtime_error(started.error().message);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Bench() {
    io_.stop();
    thread_.join();
    origin_.reset();
    std::filesystem::remove_all(folder_);
  }

  void part(std::int64_t sequence, int number) {
    for (std::size_t track = 0; track < 2; ++track) {
      PublishedPart part;
      part.track = track;
      part.sequence = sequence;
      part.number = number;
      part.last_of_segment = number + 1 == kParts;
      part.independent = number == 0;
      part.duration = track == 0 ? 28800 : 15360;
      part.begin = (sequence * kParts + number) * part.duration;
      part.init_name = "init-a.mp4";
      part.bytes = sequence + 4 >= kSegments ? large_ : small_;
      origin_->part(part);
    }
  }
  [[nodiscard]] int port() const { return origin_->port(); }
  std::size_t waiting() {
    std::promise<std::size_t> count;
    asio::post(io_, [&] { count.set_value(origin_->waiting()); });
    return count.get_future().get();
  }
  [[nodiscard]] Nanoseconds server_cpu() {
    clockid_t clock{};
    ::pthread_getcpuclockid(thread_.native_handle(), &clock);
    timespec used{};
    ::clock_gettime(clock, &used);
    return std::chrono::seconds(used.tv_sec) + Nanoseconds(used.tv_nsec);
  }
  void join() { thread_.join(); }

 private:
  asio::io_context io_{1};
  std::filesystem::path folder_;
  SharedBytes large_ = share(Bytes(kPartBytes, 'x'));
  SharedBytes small_ = share(Bytes(100, 'x'));
  std::unique_ptr<Origin> origin_;
  std::thread thread_;
};

int connect_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::perror("connect");
  return fd;
}

void measure_blocked(Bench& bench, int count) {
  const auto request =
      fmt::format("GET /live/s1/720p/index.m3u8?_HLS_msn={}&_HLS_part=0&_HLS_skip=YES HTTP/1.1\r\nHost: a\r\n"
                  "Accept-Encoding: gzip\r\n\r\n",
                  kSegments);
  const int poll = ::epoll_create1(0);
  for (int i = 0; i < count; ++i) {
    const int fd = connect_to(bench.port());
    epoll_event event{EPOLLIN, {}};
    event.data.fd = fd;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    if (::send(fd, request.data(), request.size(), 0) < 0) std::perror("send");
  }
  while (bench.waiting() < static_cast<std::size_t>(count))
    std::this_thread::sleep_for(10ms);
  const auto cpu_before = bench.server_cpu();
  const auto begun = std::chrono::steady_clock::now();
  bench.part(kSegments, 0);
  std::chrono::steady_clock::duration first{};
  char text[65536];
  for (int answered = 0; answered < count;) {
    epoll_event events[256];
    const int ready = ::epoll_wait(poll, events, 256, 1000);
    for (int i = 0; i < ready; ++i) {
      if (::read(events[i].data.fd, text, sizeof text) <= 0) std::perror("read");
      ::epoll_ctl(poll, EPOLL_CTL_DEL, events[i].data.fd, nullptr);
      if (answered++ == 0) first = std::chrono::steady_clock::now() - begun;
    }
  }
  const auto last = std::chrono::steady_clock::now() - begun;
  const auto cpu = bench.server_cpu() - cpu_before;
  std::printf("%d blocked reloads: first answer after %.2f ms, last after %.2f ms; server CPU %.2f ms\n", count,
              static_cast<double>(first.count()) / 1e6, static_cast<double>(last.count()) / 1e6,
              static_cast<double>(cpu.count()) / 1e6);
}

} // namespace
} // namespace pult::packager

int main(int argc, char** argv) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  pult::packager::Bench bench;
  if (argc == 3 && std::strcmp(argv[1], "blocked") == 0) {
    pult::packager::measure_blocked(bench, std::atoi(argv[2]));
    return 0;
  }
  std::printf("%d\n", bench.port());
  std::fflush(stdout);
  bench.join();
}
