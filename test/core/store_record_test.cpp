// Names and records of a token store: only owners of the key make and read them.
#include "core/store_record.hpp"

#include <equinix/sts/exchange_request.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>
#include <string>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using namespace std::chrono_literals;
using content = core::store_record::content;

namespace {

secret key_of(char what) {
    return secret(std::string(32, what));
}

std::string const salt(core::store_keys::salt_size, 's');

core::store_record token_record() {
    core::store_record made;
    made.generation = 1700000000000ms;
    made.life = 3600s;
    made.what.token_type = "Bearer";
    made.what.issued_token_type = "urn:ietf:params:oauth:token-type:access_token";
    made.what.scope = "one two";
    made.what.expires_in = 3600s;
    made.what.set_access_token("the-access-token");
    return made;
}

struct keyed {
    core::store_keys keys{{key_of('a')}};
    std::string name = keys.names_of("text").front();
    std::string sealed = keys.seal(token_record(), name, salt);
};

exchange_request request(std::string_view subject = "subject") {
    return exchange_request(subject_token(subject));
}

std::string name_text(exchange_request const& what, std::string_view identity = "",
                      std::string_view name_space = "", std::string_view url = "https://a/use/token") {
    return std::string(base::view(core::store_name_text(what, url, name_space, identity)));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(store_record, keyed)

BOOST_AUTO_TEST_CASE(a_token_comes_back_as_it_was) {
    auto const back = keys.open(sealed, name);
    BOOST_REQUIRE(back.has_value());
    auto const was = token_record();
    BOOST_TEST((back->is == content::token));
    BOOST_TEST((back->generation == was.generation));
    BOOST_TEST((back->life == was.life));
    BOOST_TEST(back->what.access_token.reveal() == "the-access-token");
    BOOST_TEST(back->what.token_type == was.what.token_type);
    BOOST_TEST(back->what.issued_token_type == was.what.issued_token_type);
    BOOST_TEST(back->what.scope.value() == "one two");
    BOOST_TEST((back->what.expires_in == was.what.expires_in));
}

BOOST_AUTO_TEST_CASE(a_scope_that_is_absent_stays_so_and_an_empty_one_too) {
    auto made = token_record();
    made.what.scope.reset();
    BOOST_TEST(!keys.open(keys.seal(made, name, salt), name)->what.scope.has_value());
    made.what.scope = "";
    BOOST_TEST(keys.open(keys.seal(made, name, salt), name)->what.scope.value() == "");
}

BOOST_AUTO_TEST_CASE(a_refusal_comes_back_with_what_the_service_said) {
    core::store_record made;
    made.is = content::refusal;
    made.life = 1s;
    made.failed.oauth_error = "invalid_scope";
    made.failed.oauth_error_description = "no";
    made.failed.http_status = 400;
    auto const back = keys.open(keys.seal(made, name, salt), name);
    BOOST_REQUIRE(back.has_value());
    BOOST_TEST((back->failed.kind == error_kind::oauth));
    BOOST_TEST((back->failed.phase == phase::store));
    BOOST_TEST(back->failed.oauth_error == "invalid_scope");
    BOOST_TEST(back->failed.http_status == 400U);
    BOOST_TEST(!back->failed.retryable());
}

BOOST_AUTO_TEST_CASE(P1_nothing_of_it_is_in_clear) {
    for (auto const* const part : {"the-access-token", "Bearer", "one two", "urn:"})
        BOOST_TEST(sealed.find(part) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(P2_each_flipped_bit_is_seen) {
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        auto changed = sealed;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        BOOST_TEST(!keys.open(changed, name).has_value());
    }
}

BOOST_AUTO_TEST_CASE(P2_each_cut_and_each_addition_is_seen) {
    for (std::size_t size = 0; size < sealed.size(); ++size)
        BOOST_TEST(!keys.open(sealed.substr(0, size), name).has_value());
    BOOST_TEST(!keys.open(sealed + '\0', name).has_value());
}

BOOST_AUTO_TEST_CASE(P3_a_record_that_was_moved_to_another_name_does_not_open) {
    BOOST_TEST(!keys.open(sealed, keys.names_of("other").front()).has_value());
}

BOOST_AUTO_TEST_CASE(P4_a_foreign_key_opens_nothing_and_gives_another_name) {
    core::store_keys const foreign({key_of('b')});
    BOOST_TEST(!foreign.open(sealed, name).has_value());
    BOOST_TEST(foreign.names_of("text").front() != name);
}

BOOST_AUTO_TEST_CASE(P5_all_keys_open_and_the_first_seals) {
    core::store_keys const both({key_of('b'), key_of('a')});
    auto const names = both.names_of("text");
    BOOST_REQUIRE(names.size() == 2U);
    BOOST_TEST(names.back() == name);
    BOOST_TEST(both.open(sealed, names.back()).has_value());
    auto const fresh = both.seal(token_record(), names.front(), salt);
    BOOST_TEST(!keys.open(fresh, names.front()).has_value());
    BOOST_TEST((core::store_keys({key_of('b')}).open(fresh, names.front()).has_value()));
}

BOOST_AUTO_TEST_CASE(P6_another_version_does_not_open) {
    sealed.front() = 2;
    BOOST_TEST(!keys.open(sealed, name).has_value());
}

BOOST_AUTO_TEST_CASE(keys_that_are_none_too_short_or_too_many_are_refused) {
    auto const refuses = [](std::vector<secret> const& with) {
        try {
            core::store_keys const made(with);
        } catch (error const& refused) {
            return refused.info().option == "store_options::keys";
        }
        return false;
    };
    BOOST_TEST(refuses({}));
    BOOST_TEST(refuses({secret(std::string(31, 'a'))}));
    BOOST_TEST(refuses({key_of('a'), secret("short")}));
    BOOST_TEST(refuses(std::vector<secret>(9, key_of('a'))));
    BOOST_TEST(!refuses(std::vector<secret>(8, key_of('a'))));
}

BOOST_AUTO_TEST_CASE(a_name_is_letters_and_digits_and_says_nothing) {
    BOOST_TEST(name.size() == 32U);
    BOOST_TEST(name.find_first_not_of("0123456789abcdef") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(requests_that_give_the_same_token_have_one_name) {
    auto const a = request().scope(scope("x y"));
    auto const b = request().scope(scope("y x"));
    BOOST_TEST(name_text(a) == name_text(b));
    auto const before = request().authentication(client_authentication::secret_basic("id", secret("one")));
    auto const after = request().authentication(client_authentication::secret_basic("id", secret("two")));
    BOOST_TEST(name_text(before) == name_text(after)); // the client's secret was rotated
}

BOOST_AUTO_TEST_CASE(everything_else_gives_another_name) {
    std::vector<std::string> all = {
        name_text(request()),
        name_text(request("other")),
        name_text(request().scope(scope("x"))),
        name_text(request().parameter("audience", "x")),
        name_text(request().authentication(client_authentication::secret_basic("id", secret("s")))),
        name_text(request(), "", "", "https://b/use/token"),
        name_text(request(), "", "space"),
        name_text(request(), "identity"),
        std::string(base::view(core::cool_down_name_text("https://a/use/token", "")))};
    std::sort(all.begin(), all.end());
    BOOST_TEST((std::adjacent_find(all.begin(), all.end()) == all.end()));
}

BOOST_AUTO_TEST_CASE(an_identity_stands_for_any_subject) {
    BOOST_TEST(name_text(request("one"), "me") == name_text(request("two"), "me"));
}

BOOST_AUTO_TEST_SUITE_END()
