// Measures the origin alone: a show of two tracks with 100 kB parts, without encoders.
//   pult-origin-bench serve          prints the port and serves until killed: for wrk and the like
//   pult-origin-bench blocked N      N reloads wait for one part: how long until all are answered, and CPU per answer
//   pult-origin-bench render         what a playlist of two hours costs at a publication: whole and delta, plain and
//   packed
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
constexpr std::int64_t kHour = 1875; // segments
constexpr int kPublications = 100;
constexpr std::size_t kPartBytes = 100'000;

class Bench {
 public:
  // `segments` before the one to come.
  explicit Bench(std::int64_t segments) : segments_(segments) {
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
    for (std::int64_t sequence = 0; sequence < segments_; ++sequence)
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
      part.bytes = sequence + 4 >= segments_ ? large_ : small_;
      origin_->part(part);
    }
  }
  void next_part() {
    part(segments_, number_);
    if (++number_ < kParts) return;
    number_ = 0;
    ++segments_;
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
  [[nodiscard]] std::int64_t segments() const { return segments_; }

 private:
  std::int64_t segments_;
  int number_ = 0; // of the next part
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

// Reads one answer with a Content-Length. → its bytes, head and body
std::size_t receive_answer(int fd, std::vector<char>& text) {
  std::size_t got = 0;
  for (;;) {
    const auto n = ::read(fd, text.data() + got, text.size() - got);
    if (n <= 0) return 0;
    got += static_cast<std::size_t>(n);
    const std::string_view seen(text.data(), got);
    const auto end = seen.find("\r\n\r\n");
    const auto length = seen.find("Content-Length: ");
    if (end == std::string_view::npos || length == std::string_view::npos) continue;
    if (got >= end + 4 + std::strtoul(text.data() + length + 16, nullptr, 10)) return got;
  }
}

void measure_blocked(Bench& bench, int count) {
  const auto request =
      fmt::format("GET /live/s1/720p/index.m3u8?_HLS_msn={}&_HLS_part=0&_HLS_skip=YES HTTP/1.1\r\nHost: a\r\n"
                  "Accept-Encoding: gzip\r\n\r\n",
                  bench.segments());
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
  bench.part(bench.segments(), 0);
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

// One request after each publication; the answer's size and what it cost the server.
void measure_rendering(Bench& bench, const char* what, const std::string& target, const std::string& headers) {
  const int fd = connect_to(bench.port());
  std::vector<char> text(1u << 20);
  Nanoseconds cpu{};
  std::size_t bytes = 0;
  for (int i = 0; i < kPublications; ++i) {
    bench.next_part();
    (void)bench.waiting(); // it is listed
    const auto before = bench.server_cpu();
    const auto request = fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n{}\r\n", target, headers);
    if (::send(fd, request.data(), request.size(), 0) < 0) std::perror("send");
    bytes = receive_answer(fd, text);
    cpu += bench.server_cpu() - before;
  }
  ::close(fd);
  std::printf("%-16s %7zu bytes, %7.1f us of server CPU\n", what, bytes,
              static_cast<double>(cpu.count()) / 1e3 / kPublications);
}

void measure_renderings(Bench& bench) {
  const std::string list = "/live/s1/720p/index.m3u8";
  const std::string gzip = "Accept-Encoding: gzip\r\n";
  measure_rendering(bench, "whole, plain", list, "");
  measure_rendering(bench, "whole, packed", list, gzip);
  measure_rendering(bench, "delta, plain", list + "?_HLS_skip=YES", "");
  measure_rendering(bench, "delta, packed", list + "?_HLS_skip=YES", gzip);
}

} // namespace
} // namespace pult::packager

int main(int argc, char** argv) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const bool rendering = argc == 2 && std::strcmp(argv[1], "render") == 0;
  pult::packager::Bench bench(rendering ? 2 * pult::packager::kHour : pult::packager::kHour);
  if (rendering) {
    pult::packager::measure_renderings(bench);
    return 0;
  }
  if (argc == 3 && std::strcmp(argv[1], "blocked") == 0) {
    pult::packager::measure_blocked(bench, std::atoi(argv[2]));
    return 0;
  }
  std::printf("%d\n", bench.port());
  std::fflush(stdout);
  bench.join();
}
