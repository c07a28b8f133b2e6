// What follows when a connection could not be opened (cases C23 and G18 of doc/faults.md), as a table.
#include "base/failure.hpp"
#include "core/failed_opening.hpp"

#include <boost/test/unit_test.hpp>

#include <openssl/x509_vfy.h>

namespace base = equinix::sts::base;
namespace core = equinix::sts::core;
using namespace equinix::sts;
using core::reopening;

namespace {

core::failed_opening how(bool session_offered, bool has_other_address = false) {
    core::failed_opening made;
    made.session_offered = session_offered;
    made.has_other_address = has_other_address;
    return made;
}

error_info cut() {
    return base::failure(error_kind::network, phase::tls, "");
}
error_info alert() {
    return base::failure(error_kind::tls, phase::tls, "", {40, tls_alert_category()});
}
error_info expired() {
    return base::failure(error_kind::tls, phase::tls, "",
                         {X509_V_ERR_CERT_HAS_EXPIRED, certificate_category()});
}
error_info by_proxy(unsigned status) {
    auto made = base::failure(error_kind::proxy, phase::proxy, "");
    made.http_status = status;
    return made;
}

void check(error_info const& why, core::failed_opening const& what, reopening expected) {
    BOOST_TEST((core::after_failed_opening(why, what) == expected));
}

} // namespace

BOOST_AUTO_TEST_SUITE(failed_opening)

BOOST_AUTO_TEST_CASE(C23_a_refused_session_is_given_up) {
    check(cut(), how(true), reopening::without_session);
    check(alert(), how(true), reopening::without_session);
    check(cut(), how(true, true), reopening::without_session); // at the same address first
}

BOOST_AUTO_TEST_CASE(C23_a_bad_certificate_is_not_the_sessions_fault) {
    check(expired(), how(true), reopening::none);
}

BOOST_AUTO_TEST_CASE(C23_nor_is_a_failure_before_the_handshake) {
    check(base::failure(error_kind::connect, phase::connect, ""), how(true), reopening::none);
    check(by_proxy(503), how(true), reopening::none);
}

BOOST_AUTO_TEST_CASE(G18_another_address_is_tried_at_once) {
    for (auto const& why : {cut(), alert(), expired()}) {
        check(why, how(false), reopening::none);
        check(why, how(false, true), reopening::elsewhere);
    }
    check(base::failure(error_kind::connect, phase::connect, ""), how(false, true), reopening::none);
}

BOOST_AUTO_TEST_CASE(G18_each_address_is_tried_at_once_but_once) {
    auto what = how(true, true);
    what.addresses = 2;
    what.replaced = 1;
    check(cut(), what, reopening::without_session);
    what.replaced = 2;
    check(cut(), what, reopening::none);
    check(expired(), what, reopening::none);
}

BOOST_AUTO_TEST_CASE(G18_after_a_timeout_nothing_is_tried_at_once) {
    auto what = how(true, true);
    what.timed_out = true;
    check(base::failure(error_kind::timeout, phase::tls, ""), what, reopening::none);
}

BOOST_AUTO_TEST_CASE(G18_another_proxy_is_tried_where_this_one_cannot_serve) {
    auto what = how(false, true);
    what.by_proxy = true;
    check(by_proxy(503), what, reopening::elsewhere);
    check(by_proxy(403), what, reopening::none);
    check(by_proxy(407), what, reopening::none);
    check(cut(), what, reopening::none); // in TLS with the endpoint: not the proxy's doing
}

BOOST_AUTO_TEST_SUITE_END()
