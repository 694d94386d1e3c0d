// How much more time this build may take than the one that is shipped: 1, or 6 under a sanitizer.
//
// For the few tests that judge a time because time is what they are about. What only waits has a predicate and a
// deadline that is generous everywhere, and needs none of this.
#pragma once

namespace pult::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int kSlowness = 6;
#else
inline constexpr int kSlowness = 1;
#endif

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kAddressSanitizer = true;
#else
inline constexpr bool kAddressSanitizer = false;
#endif

} // namespace pult::test
