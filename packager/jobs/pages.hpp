// The public pages, static files made of all that is public: index.json, feeds, sitemap, a page for each talk.
//
// From every `public/talks/<slug>/talk.json`; the same talks give the same bytes. Each file is replaced whole. What
// people wrote is escaped wherever it goes. The talks page itself (index.html, assets) is copied from where it was
// built. Blocking; the job thread.
#pragma once

#include "packager/jobs/archive_folders.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>

namespace pult::packager::jobs {

Result<void> write_pages(const ArchiveFolders& archive);

// The texts, from the entries of index.json; pure.
[[nodiscard]] std::string feed_text(const ArchiveFolders& archive, const boost::json::array& talks, bool audio);
[[nodiscard]] std::string sitemap_text(const ArchiveFolders& archive, const boost::json::array& talks);
[[nodiscard]] std::string talk_page(const ArchiveFolders& archive, const boost::json::object& talk);
[[nodiscard]] std::string escaped(std::string_view text); // for HTML and XML, also in attributes

} // namespace pult::packager::jobs
