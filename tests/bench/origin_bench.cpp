// Measures the origin alone: a show of two tracks with 100 kB parts, without encoders. The server's thread keeps to the
// first core, clients to the second.
//   pult-origin-bench serve          prints the port and serves until killed: for wrk and the like
//   pult-origin-bench blocked N      N reloads wait for one part, five times: JSON with how long it took from the
//                                    publication to the last client's last byte, and the server's CPU
//   pult-origin-bench render         what a playlist of two hours costs at a publication: whole and delta, plain and
//   packed
#include "packager/origin.hpp"

#include <arpa/inet.h>
#include <boost/asio/post.hpp>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <future>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
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

void keep_to_core(unsigned core) {
  if (std::thread::hardware_concurrency() < 2) return;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  ::sched_setaffinity(0, sizeof cores, &cores);
}

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
    thread_ = std::thread([this] {
      keep_to_core(0);
      io_.run();
    });
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

// One viewer's connection: asks, and reads until the answer's last byte.
class Client {
 public:
  explicit Client(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::perror("connect");
  }

  [[nodiscard]] int fd() const { return fd_.get(); }
  void ask(const std::string& request) {
    got_.clear();
    if (::send(fd(), request.data(), request.size(), 0) < 0) std::perror("send");
  }
  [[nodiscard]] std::size_t got() const { return got_.size(); }
  // Waits for bytes. True when the whole answer is there.
  bool read() {
    char text[65536];
    const auto count = ::read(fd(), text, sizeof text);
    if (count <= 0) throw std::runtime_error("the origin closed a connection");
    got_.append(text, static_cast<std::size_t>(count));
    if (!got_.starts_with("HTTP/1.1 200")) throw std::runtime_error("not answered: " + got_.substr(0, 60));
    const auto head = got_.find("\r\n\r\n");
    return head != std::string::npos && got_.size() >= head + 4 + body_length(head);
  }

 private:
  [[nodiscard]] std::size_t body_length(std::size_t head) const {
    constexpr std::string_view kName = "\r\nContent-Length: ";
    const auto at = got_.find(kName);
    std::size_t length = 0;
    if (at == std::string::npos || at > head) throw std::runtime_error("an answer without a length");
    std::from_chars(got_.data() + at + kName.size(), got_.data() + head, length);
    return length;
  }
  UniqueFd fd_;
  std::string got_;
};

double in_ms(std::chrono::nanoseconds span) {
  return static_cast<double>(span.count()) / 1e6;
}

// All clients wait for the part, then it is published. Returns a JSON object.
std::string blocked_round(Bench& bench, std::vector<Client>& clients, int poll, int part) {
  const auto request = fmt::format("GET /live/s1/720p/index.m3u8?_HLS_msn={}&_HLS_part={}&_HLS_skip=YES HTTP/1.1\r\n"
                                   "Host: a\r\nAccept-Encoding: gzip\r\n\r\n",
                                   bench.segments(), part);
  for (auto& client : clients)
    client.ask(request);
  while (bench.waiting() < clients.size())
    std::this_thread::sleep_for(10ms);
  const auto cpu_before = bench.server_cpu();
  const auto begun = std::chrono::steady_clock::now();
  bench.next_part();
  std::chrono::nanoseconds first{};
  for (std::size_t answered = 0; answered < clients.size();) {
    epoll_event events[256];
    const int ready = ::epoll_wait(poll, events, 256, 5000);
    if (ready == 0) throw std::runtime_error("no answer for five seconds");
    for (int i = 0; i < ready; ++i)
      if (clients[events[i].data.u32].read() && answered++ == 0) first = std::chrono::steady_clock::now() - begun;
  }
  const std::chrono::nanoseconds last = std::chrono::steady_clock::now() - begun;
  return fmt::format(R"({{"first_ms":{:.2f},"last_ms":{:.2f},"server_cpu_ms":{:.2f}}})", in_ms(first), in_ms(last),
                     in_ms(bench.server_cpu() - cpu_before));
}

void measure_blocked(Bench& bench, std::uint32_t count) {
  keep_to_core(1);
  const UniqueFd poll(::epoll_create1(0));
  std::vector<Client> clients;
  clients.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto& client = clients.emplace_back(bench.port());
    epoll_event event{EPOLLIN, {}};
    event.data.u32 = i;
    ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, client.fd(), &event);
  }
  std::string rounds;
  for (int part = 0; part + 1 < kParts; ++part)
    rounds += (part == 0 ? "" : ",") + blocked_round(bench, clients, poll.get(), part);
  std::printf("[%s]\n", rounds.c_str());
}

// One request after each publication; the answer's size and what it cost the server.
void measure_rendering(Bench& bench, const char* what, const std::string& target, const std::string& headers) {
  Client client(bench.port());
  Nanoseconds cpu{};
  for (int i = 0; i < kPublications; ++i) {
    bench.next_part();
    (void)bench.waiting(); // it is listed
    const auto before = bench.server_cpu();
    client.ask(fmt::format("GET {} HTTP/1.1\r\nHost: a\r\n{}\r\n", target, headers));
    while (!client.read()) {
    }
    cpu += bench.server_cpu() - before;
  }
  std::printf("%-16s %7zu bytes, %7.1f us of server CPU\n", what, client.got(),
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
    pult::packager::measure_blocked(bench, static_cast<std::uint32_t>(std::atoi(argv[2])));
    return 0;
  }
  std::printf("%d\n", bench.port());
  std::fflush(stdout);
  bench.join();
}
