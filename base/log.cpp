#include "base/log.hpp"

#include "base/unique_fd.hpp"

#include <cstring>
#include <mutex>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace pult::log {
namespace {

class DatagramSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  DatagramSink(std::string program, RunDir run_dir) : program_(std::move(program)), run_dir_(std::move(run_dir)) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    static constexpr char kLevels[] = {'T', 'D', 'I', 'W', 'E', 'C', 'O'};
    std::string line(1, kLevels[message.level]);
    line += ' ' + program_ + ' ';
    line.append(message.payload.data(), message.payload.size());
    if (!send(line)) ::dprintf(STDERR_FILENO, "%s\n", line.c_str());
  }
  void flush_() override {}

 private:
  bool send(const std::string& line) {
    if (!socket_) socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    const auto path = run_dir_.socket_path(socket_name::kLog);
    std::memcpy(to.sun_path, path.c_str(), std::min(path.size() + 1, sizeof to.sun_path));
    return ::sendto(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr*>(&to),
                    sizeof to) >= 0 ||
           errno == EAGAIN;
  }

  std::string program_;
  RunDir run_dir_;
  UniqueFd socket_;
};

void install(std::shared_ptr<spdlog::sinks::sink> sink, std::string_view program) {
  auto logger = std::make_shared<spdlog::logger>(std::string(program), std::move(sink));
  logger->set_level(spdlog::level::info);
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

} // namespace

void init(std::string_view program) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_pattern("%H:%M:%S.%e %L %n %v");
  install(std::move(sink), program);
}

void init(std::string_view program, const RunDir& run_dir) {
  install(std::make_shared<DatagramSink>(std::string(program), run_dir), program);
}

} // namespace pult::log
