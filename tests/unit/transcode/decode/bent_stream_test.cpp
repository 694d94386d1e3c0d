// Whatever comes out of ingest: the watch and the counter read no byte that is not there. Seeded; the sanitizers watch.
#include "tests/support/bent_bytes.hpp"
#include "tests/unit/ingest/ts_builder.hpp"
#include "transcode/decode/coded_unit.hpp"
#include "transcode/decode/psi_watch.hpp"

#include <gtest/gtest.h>

using pult::Bytes;
using pult::ByteView;
using namespace pult::transcode::decode;

namespace {

// Scans in pieces of any size; how often the map was another one.
int scan(PsiWatch& watch, pult::test::Bender& bender, const Bytes& stream) {
  int changes = 0;
  for (std::size_t at = 0; at < stream.size();) {
    auto piece = ByteView(stream).subspan(at, std::min(1 + bender.below(500), stream.size() - at));
    at += piece.size();
    while (const auto changed = watch.scan(piece)) {
      EXPECT_LE(*changed, piece.size());
      if (*changed > piece.size()) return changes;
      piece = piece.subspan(*changed);
      ++changes;
    }
  }
  return changes;
}

} // namespace

TEST(BentStream, TheWatchKeepsWholePackets) {
  pult::test::Bender bender(4);
  pult::ingest::test::TsBuilder builder;
  PsiWatch watch;
  int changes = 0;
  for (int round = 0; round < 2000; ++round) {
    builder.tables().key_picture().other_picture().sound();
    builder.section(round % 2 == 0 ? pult::ingest::kPatPid : pult::ingest::test::kPmtPid, [&] {
      auto section = bender.noise(12 + bender.below(100));
      section[0] = static_cast<std::uint8_t>(bender.below(4));
      return section;
    }());
    auto stream = builder.take();
    changes += scan(watch, bender, round % 3 == 0 ? stream : bender.bent(stream));
    ASSERT_LE(watch.tables().size(), 2 * PsiWatch::kPacket);
    ASSERT_EQ(watch.tables().size() % PsiWatch::kPacket, 0u);
  }
  EXPECT_TRUE(watch.has_map());
  EXPECT_GT(changes, 10) << "random maps came through their checksums";
}

TEST(BentStream, PicturesAreCountedInAnything) {
  pult::test::Bender bender(5);
  for (int round = 0; round < 2000; ++round) {
    auto bytes = bender.noise(bender.below(60));
    for (std::size_t at = 0; at + 4 < bytes.size(); at += 5 + bender.below(20))
      bytes[at] = bytes[at + 1] = 0, bytes[at + 2] = 1;
    for (const auto codec : {PictureCodec::kH264, PictureCodec::kH265})
      ASSERT_LE(count_pictures(codec, bytes), static_cast<int>(bytes.size() / 4));
  }
}
