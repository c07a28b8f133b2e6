// In the engine's place: runs a target once for each file, or each file of a folder, that is named.
#include "fuzz/target.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(fs::path const& named) {
    if (!fs::is_directory(named)) return {named};
    std::vector<fs::path> found;
    for (auto const& entry : fs::directory_iterator(named))
        found.push_back(entry.path());
    return found;
}

bool passes(fs::path const& file) try {
    std::ifstream in(file, std::ios::binary);
    std::string const bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    LLVMFuzzerTestOneInput(reinterpret_cast<std::uint8_t const*>(bytes.data()), bytes.size());
    return true;
} catch (std::exception const& broken) {
    std::fprintf(stderr, "%s: %s\n", file.c_str(), broken.what());
    return false;
}

} // namespace

int main(int count, char** arguments) {
    std::size_t run = 0, failed = 0;
    for (int i = 1; i < count; ++i) {
        for (auto const& file : files_of(arguments[i])) {
            ++run;
            failed += passes(file) ? 0 : 1;
        }
    }
    std::printf("%zu inputs, %zu failed\n", run, failed);
    return run != 0 && failed == 0 ? 0 : 1; // an empty corpus shows nothing
}
