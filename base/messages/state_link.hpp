// The crossing pultd → every worker: wanted state out; applied numbers, reports and events back. JSON payloads.
//
// pultd dials `<program>.state.sock`. base/worker.hpp is the worker's end. Reports come once a second and after each
// change; an event is a line for `pult events` and the log of the room.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pult::state_link {

inline constexpr std::uint16_t kWanted = 1;  // pultd → worker: WantedState
inline constexpr std::uint16_t kCommand = 2; // pultd → worker: {"command": "restart-feed", …}; one shot, may be lost
inline constexpr std::uint16_t kApplied =
    16; // worker → pultd: {"epoch","number","picture"}: shown from that picture on
inline constexpr std::uint16_t kReport = 17; // worker → pultd: {"program","pid", …the worker's own…}
inline constexpr std::uint16_t kEvent = 18;  // worker → pultd: {"level":"info|warning|error","text", …}

inline constexpr std::size_t kMaxBytes = 256u << 10;

} // namespace pult::state_link
