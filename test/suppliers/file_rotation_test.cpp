// A token that is rotated while it is read, as kubelet does with what it projects into a pod.
#include "suppliers/asking.hpp"
#include "support/process.hpp"

#include <atomic>
#include <cstdlib>
#include <thread>

using namespace test;

namespace {

namespace fs = std::filesystem;

/// Of several pages, and its number at both ends: half of it is no token.
std::string token(int number) {
    return std::to_string(number) + "." + std::string(20000, 'a') + "." + std::to_string(number);
}

int number_of(std::string const& token) {
    return std::stoi(token);
}

/// `token` leads through `..data` to a folder of the generation; the links are swapped by renaming, and the
/// old generation removed at once.
class rotation {
public:
    rotation(fs::path place, std::chrono::milliseconds period) : place_(std::move(place)), period_(period) {
        fs::create_symlink("..data/token", place_ / "token");
        next();
        thread_ = std::thread([this] {
            while (!over_) {
                std::this_thread::sleep_for(period_); // the period that is tested, no waiting for anybody
                next();
            }
        });
    }
    rotation(rotation const&) = delete;
    rotation& operator=(rotation const&) = delete;
    ~rotation() {
        over_ = true;
        thread_.join();
    }

    std::string path() const { return (place_ / "token").string(); }

    /// The generation that is surely in place.
    int current() const { return current_; }

private:
    void next() {
        auto const generation = current_ + 1;
        auto const name = "..generation-" + std::to_string(generation);
        fs::create_directory(place_ / name);
        std::ofstream(place_ / name / "token") << token(generation);
        fs::create_symlink(name, place_ / "..data_tmp");
        fs::rename(place_ / "..data_tmp", place_ / "..data");
        current_ = generation;
        fs::remove_all(place_ / ("..generation-" + std::to_string(generation - 1)));
    }

    fs::path place_;
    std::chrono::milliseconds period_;
    std::atomic<int> current_ = 0;
    std::atomic<bool> over_ = false;
    std::thread thread_;
};

} // namespace

BOOST_AUTO_TEST_SUITE(supplier_rotation)

BOOST_AUTO_TEST_CASE(H19_a_rotated_token_is_never_torn_missing_or_older_than_the_question) {
    auto const* const longer = std::getenv("EQUINIX_STS_ROTATION_SECONDS");
    auto const time = std::chrono::seconds(longer != nullptr ? std::atoi(longer) : 2);
    folder const place;
    rotation const rotated(place.path(), std::chrono::milliseconds(longer != nullptr ? 50 : 3));
    auto const supplier = suppliers::file(rotated.path());
    asio::io_context context;
    std::size_t reads = 0;
    for (auto const end = after(time); std::chrono::steady_clock::now() < end; ++reads) {
        auto const before = rotated.current();
        auto const read = asked(context, supplier).token();
        auto const number = number_of(read);
        BOOST_REQUIRE((read == token(number)));
        BOOST_REQUIRE(number >= before);
    }
    BOOST_TEST_MESSAGE(reads << " reads of " << rotated.current() << " generations");
    BOOST_TEST(reads > 0u);
}

BOOST_AUTO_TEST_SUITE_END()
