#include "suppliers/file_reader.hpp"

#include "base/secret_text.hpp"

#include <cerrno>

namespace equinix::sts::suppliers_detail {
namespace {

file_content read(std::string const& path) {
    return file_content(base::read_file(path, base::secret_reading_limit));
}

base::file_text without_memory() {
    return {"cannot be read", make_error_code(boost::system::errc::not_enough_memory), {}};
}

} // namespace

bool file_content::passing() const noexcept {
    if (problem == nullptr) return base::trimmed(base::view(text)).empty();
    return code == boost::system::errc::no_such_file_or_directory || code.value() == ESTALE;
}

file_reader::file_reader() : detached_worker(read, late::calls_new, file_content(without_memory())) {}

} // namespace equinix::sts::suppliers_detail
