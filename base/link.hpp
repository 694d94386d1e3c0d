// One connection between two programs of the room: frames (base/wire) over a Unix stream socket, with descriptors.
//
// The program behind dials, for ever and fast (20 ms growing to 250 ms); the program in front listens. Both survive the
// other's restart: a closed link is reported once, and the dialler comes again. Outgoing frames wait in a queue with a
// bound in bytes; `send` says no when it is full and the caller drops by its own policy. A frame that is too large or
// of no known shape closes the link with a reason.
// All members are for the one thread that runs the io_context. Callbacks run there too; a link may be closed in them.
#pragma once

#include "base/asio.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "base/wire.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace pult {

class Link : public std::enable_shared_from_this<Link> {
 public:
  using Socket = asio::basic_stream_socket<asio::local::stream_protocol, IoExecutor>;
  // `fd` is a descriptor that came with the frame, or empty. An error closes the link with that reason.
  using OnFrame = std::function<Result<void>(std::uint16_t type, ByteView payload, UniqueFd fd)>;
  using OnClosed = std::function<void(const Error& reason)>;

  struct Bounds {
    std::size_t max_payload_bytes = wire::kMaxPayloadBytes;
    std::size_t max_queued_bytes = 16u << 20;
  };

  Link(Socket socket, Bounds bounds);
  // Reads until closed. Keeps itself alive.
  void start(OnFrame on_frame, OnClosed on_closed);

  // False when the queue is full or the link closed; nothing was queued then. `fd` is sent with the frame and closed.
  bool send(wire::Frame frame, UniqueFd fd = {});
  bool send(std::uint16_t type, Bytes payload) { return send({type, share(std::move(payload))}); }
  void close(Error reason);

  [[nodiscard]] bool open() const { return open_; }
  [[nodiscard]] std::size_t queued_bytes() const { return queued_bytes_; }

 private:
  struct Outgoing {
    std::uint8_t header[wire::kHeaderBytes];
    SharedBytes payload;
    UniqueFd fd;
    std::size_t sent = 0; // of header and payload together
  };
  void wait_readable();
  void wait_writable();
  void read_some();
  void write_some();
  Result<void> deliver();

  Socket socket_;
  Bounds bounds_;
  OnFrame on_frame_;
  OnClosed on_closed_;
  bool open_ = true;
  bool writing_ = false;
  std::unique_ptr<std::uint8_t[]> read_buffer_; // never cleared: zeroing it at each read cost more than reading
  Bytes incoming_;
  std::size_t incoming_begin_ = 0; // what is before was delivered
  std::deque<UniqueFd> incoming_fds_;
  std::deque<Outgoing> outgoing_;
  std::size_t queued_bytes_ = 0;
};

// Listens at a socket of the run directory; a stale socket file is replaced. Lives as long as its io_context runs.
class LinkListener {
 public:
  using OnLink = std::function<void(std::shared_ptr<Link>)>;
  static Result<std::unique_ptr<LinkListener>> open(asio::io_context& io, const std::string& socket_path,
                                                    Link::Bounds bounds, OnLink on_link);
  void close();

 private:
  using Acceptor = asio::basic_socket_acceptor<asio::local::stream_protocol, IoExecutor>;
  LinkListener(asio::io_context& io, Link::Bounds bounds, OnLink on_link);
  void accept();

  Acceptor acceptor_;
  SteadyTimer retry_; // after EMFILE
  Link::Bounds bounds_;
  OnLink on_link_;
};

// Dials a socket of the run directory until it answers, and again when the link is gone.
class LinkDialer {
 public:
  // Called with each new link, not yet started: the owner calls start() and reports the end to redial().
  using OnLink = std::function<void(std::shared_ptr<Link>)>;
  LinkDialer(asio::io_context& io, std::string socket_path, Link::Bounds bounds, OnLink on_link);
  void dial(); // begins to dial, or does so again after a link was closed
  void stop();

 private:
  void try_connect();
  asio::io_context& io_;
  std::string socket_path_;
  Link::Bounds bounds_;
  OnLink on_link_;
  SteadyTimer timer_;
  std::chrono::milliseconds pause_;
  std::shared_ptr<bool> alive_;
  bool stopped_ = false;
};

} // namespace pult
