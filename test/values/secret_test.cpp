#include "base/wiped.hpp"

#include <equinix/sts/secret.hpp>

#include <boost/test/unit_test.hpp>

#include <new>
#include <ostream>
#include <type_traits>

namespace {

namespace sts = equinix::sts;

template <class T>
concept streamable = requires(std::ostream& out, T const& value) { out << value; };

/// Looks at memory just before it goes back to the system.
template <class T>
struct watching_allocator : sts::base::wiping_allocator<T> {
    using value_type = T;
    static inline bool all_zero = false;

    void deallocate(T* p, std::size_t n) noexcept {
        sts::base::wipe(p, n * sizeof(T));
        all_zero = true;
        for (std::size_t i = 0; i < n; ++i)
            all_zero = all_zero && p[i] == T();
        std::allocator<T>().deallocate(p, n);
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(secret)

BOOST_AUTO_TEST_CASE(reveals_what_it_was_made_of) {
    sts::secret const held("hidden");
    BOOST_TEST(held.reveal() == "hidden");
    BOOST_TEST(held.size() == 6U);
    BOOST_TEST(!held.empty());
}

BOOST_AUTO_TEST_CASE(is_empty_by_default) {
    BOOST_TEST(sts::secret().empty());
    BOOST_TEST(sts::secret("").reveal() == "");
}

BOOST_AUTO_TEST_CASE(copies_share_one_buffer) {
    sts::secret const first("hidden");
    auto const second = first; // NOLINT(performance-unnecessary-copy-initialization)
    BOOST_TEST(static_cast<void const*>(first.reveal().data()) ==
               static_cast<void const*>(second.reveal().data()));
}

BOOST_AUTO_TEST_CASE(keeps_bytes_of_any_value) {
    std::string_view const bytes("a\0b", 3);
    BOOST_TEST(sts::secret(bytes).reveal() == bytes);
}

BOOST_AUTO_TEST_CASE(wipes_the_string_that_it_takes_over) {
    for (std::string text : {std::string("short"), std::string(100, 'x')}) {
        auto const size = text.size();
        sts::secret const held(std::move(text));
        BOOST_TEST(held.size() == size);
        // NOLINTNEXTLINE(bugprone-use-after-move): what is left behind is the very question
        BOOST_TEST(std::string(text.data(), text.capacity()) == std::string(text.capacity(), '\0'));
    }
}

BOOST_AUTO_TEST_CASE(cannot_be_printed) {
    static_assert(!streamable<sts::secret>);
    static_assert(!std::is_convertible_v<sts::secret, std::string_view>);
    BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(wiping_leaves_zeros_behind) {
    std::vector<char, watching_allocator<char>> buffer(64, 'x');
    buffer.assign(32, 'y');
    buffer = {};
    buffer.shrink_to_fit();
    BOOST_TEST(watching_allocator<char>::all_zero);
}

BOOST_AUTO_TEST_CASE(clearing_a_buffer_overwrites_it_and_keeps_its_memory) {
    sts::base::wiped_buffer buffer;
    sts::base::append(buffer, "hidden");
    auto const* const memory = buffer.data();
    sts::base::wipe(buffer);
    BOOST_TEST(buffer.empty());
    BOOST_TEST(buffer.capacity() >= 6U);
    BOOST_TEST(std::string_view(memory, 6) == std::string_view("\0\0\0\0\0\0", 6));
}

BOOST_AUTO_TEST_SUITE_END()
