// What our programs say by their exit code; the one place where the numbers stand (documented in docs/cli.md).
#pragma once

namespace pult::exit_code {

inline constexpr int kDone = 0;
inline constexpr int kRefused = 1;    // understood and refused, with the reason on stderr
inline constexpr int kUsage = 2;      // wrong usage, with the nearest right one on stderr
inline constexpr int kNobody = 3;     // nobody answers: the room does not run
inline constexpr int kDegraded = 4;   // `pult status --check`: something is degraded
inline constexpr int kBadConfig = 78; // EX_CONFIG of sysexits.h

} // namespace pult::exit_code
