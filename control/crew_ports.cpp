#include "control/crew_ports.hpp"

#include "base/file.hpp"

#include <spdlog/spdlog.h>

namespace pult::control {
namespace {

constexpr std::chrono::seconds kRetryPause{3};
constexpr std::chrono::milliseconds kGrace{500};

http::Limits limits() {
  http::Limits limits;
  limits.body_bytes = 256u << 10; // the largest order of a crew is a schedule, and that comes elsewhere
  limits.connections = 500;       // desks, panels, scripts
  return limits;
}

} // namespace

CrewPorts::CrewPorts(asio::io_context& io, Room& room, Api& api)
    : io_(io), room_(room), api_(api), retry_(io.get_executor()) {}

Result<std::unique_ptr<CrewPorts>> CrewPorts::open(asio::io_context& io, Room& room, Api& api) {
  std::unique_ptr<CrewPorts> ports(new CrewPorts(io, room, api));
  auto socket = http::listen_unix(room.place().run_dir.socket_path(socket_name::kControl));
  if (!socket) return socket.error();
  auto local = http::Server::serve(
      io, std::move(*socket), [&api](const auto& r) { return api.answer(r); }, limits());
  if (!local) return local.error();
  ports->local_ = std::move(*local);
  ports->open_tcp();
  return ports;
}

void CrewPorts::open_tcp() {
  const auto& config = room_.place().config;
  if (!config.control_tls_cert.empty())
    return retry_tcp("[control] tls_cert: this version serves no TLS; the control port stays closed");
  auto socket = http::listen_tcp(config.control);
  if (!socket) return retry_tcp(socket.error().message);
  auto tcp = http::Server::serve(
      io_, std::move(*socket), [api = &api_](const auto& r) { return api->answer(r); }, limits());
  if (!tcp) return retry_tcp(tcp.error().message);
  tcp_ = std::move(*tcp);
  const auto address = ListenAddress{config.control.host, tcp_->port()}.text();
  api_.set_port(address, "");
  spdlog::info("crew: http://{} (with a token), and control.sock", address);
}

void CrewPorts::retry_tcp(const std::string& trouble) {
  if (trouble != told_) room_.journal().add("warning", "pultd", trouble);
  told_ = trouble;
  api_.set_port("", trouble);
  retry_.expires_after(kRetryPause);
  retry_.async_wait([this](ErrorCode cancelled) {
    if (!cancelled) open_tcp();
  });
}

void CrewPorts::stop() {
  retry_.cancel();
  local_->stop(kGrace);
  if (tcp_) tcp_->stop(kGrace);
}

} // namespace pult::control
