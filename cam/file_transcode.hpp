// Makes a file playable without re-encoding: what is not H.264 (8 bit 4:2:0) with AAC-LC is transcoded once, into the
// cache beside the loops, as a transport stream. So a camera with any file costs as little as one with a generated
// picture.
//
// The picture keeps its size (made even) and its times; sound becomes 48 kHz stereo. Takes as long as decoding and
// encoding the file takes: for demo files, not for films; the cache grows by about 1 GB an hour at 720p. Start of the
// program only.
#pragma once

#include "cam/loop_maker.hpp"

#include <filesystem>

namespace pult::cam {

// The file itself when it can be sent as it is, else its transcoded copy.
[[nodiscard]] Result<std::filesystem::path> playable_file(const std::filesystem::path& path, const Progress& progress);

} // namespace pult::cam
