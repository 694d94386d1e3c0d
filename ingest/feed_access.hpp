// Who may send which feed at one port: a read-only lookup from stream id to feed.
//
// It runs in libsrt's receive thread, inside the listener callback, so it is built once and never changed: no lock, no
// I/O, no allocation that lasts. The key itself is checked by libsrt afterwards; here it is only handed over.
// Order: `r` or the plain id names a feed; else a feed's `match`; else, at a port of its own, the feed that lives there
// (boxes that send no id, or a fixed one). Feeds that we dial (`url`) are not to be had here.
// Pure; any thread.
#pragma once

#include "base/config.hpp"
#include "ingest/stream_id.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pult::ingest {

// Reject codes of SRT's access control, as libsrt's access_control.h numbers them; the caller's log shows them.
enum class RejectCode : int {
  kSyntax = 1400,
  kUnauthorised = 1401, // too many wrong keys; a single one is refused by libsrt itself (SRT_REJ_BADSECRET)
  kOverload = 1402,     // too many attempts at the port as a whole
  kNotFound = 1404,
  kBadMode = 1405, // m=request: nobody reads a feed from here
  kBusy = 1409,
  kVersion = 1505,
};

struct Refusal {
  RejectCode code;
  std::string reason; // in words, for our log, status and events
};

class FeedAccess {
 public:
  struct Entry {
    std::size_t feed; // index into the config's feeds
    std::string name;
    std::string passphrase; // empty: open
    std::chrono::milliseconds latency;
    FeedConfig::Policy policy;
    std::string match_key, match_value;
  };

  // The feeds of the shared port, or of `own_port` when given.
  static FeedAccess of(const RoomConfig& config, std::optional<int> own_port);

  [[nodiscard]] std::variant<const Entry*, Refusal> find(std::string_view stream_id) const;
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] std::chrono::milliseconds longest_latency() const;

 private:
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] const Entry* by_name(std::string_view name) const;
  [[nodiscard]] const Entry* by_match(const StreamId& id) const;

  std::vector<Entry> entries_;
  bool own_port_ = false;
};

} // namespace pult::ingest
