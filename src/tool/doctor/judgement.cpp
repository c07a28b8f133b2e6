#include "tool/doctor/judgement.hpp"

#include "base/characters.hpp"
#include "base/failure.hpp"
#include "base/http_date.hpp"
#include "base/without_query.hpp"
#include "tool/doctor/advice.hpp"
#include "tool/our_words.hpp"

#include <equinix/sts/token.hpp>

#include <algorithm>

namespace equinix::sts::tool::doctor {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

/// Clocks that are kept by NTP differ by less than this; services tolerate about as much.
constexpr seconds clock_tolerance(60);

bool has_documented_form(std::string_view value) {
    if (value.starts_with("ern:")) {
        // ern:<cloud>:<service>:<region>:<project>:<type>:<id>; some parts may be empty, but not the id
        return std::count(value.begin(), value.end(), ':') >= 6 && !value.ends_with(':');
    }
    for (std::string_view const form : {"roleassignments:", "projectpolicies:", "orgpolicies:"})
        if (value.starts_with(form)) return value.size() > form.size();
    return false;
}

std::string describe(id_token const& token) {
    auto text = "JWT, " + (token.algorithm.empty() ? "no algorithm" : token.algorithm);
    if (!token.key_id.empty()) text += ", key " + token.key_id;
    text += "\nissuer    " + (token.issuer.empty() ? "none" : token.issuer);
    text += "\naudience  " + (token.audience.empty() ? "none" : audience_of(token));
    text += "\nsubject   " + (token.subject.empty() ? "none" : token.subject);
    return text;
}

finding judge_life(id_token const& token, sys_seconds now) {
    finding found{verdict::good, "lifetime", {}, {}};
    auto const ask_again = "get a new token from " + (token.issuer.empty() ? "its issuer" : token.issuer);
    if (token.issued && *token.issued > now + clock_tolerance) {
        return {verdict::bad, "clock",
                "the token was issued " + spelled(*token.issued - now) +
                    " in the future: this machine's clock is behind that of the issuer by as much",
                "set this machine's clock (timedatectl, chronyc tracking)"};
    }
    if (token.valid_from && *token.valid_from > now + clock_tolerance) {
        return {verdict::bad, "lifetime",
                "not valid before " + base::iso_time(*token.valid_from) + ", in " +
                    spelled(*token.valid_from - now),
                "wait, or set this machine's clock if it is behind"};
    }
    if (!token.expires) {
        return {verdict::note, "lifetime", token.expires_ill_formed ? "exp is not a number" : "no exp",
                "an ID token has one, in seconds since 1970 (RFC 7519 section 4.1.4): is this an ID token?"};
    }
    auto const left = *token.expires - now;
    if (left <= seconds(0)) {
        return {verdict::bad, "lifetime",
                "expired " + spelled(-left) + " ago, at " + base::iso_time(*token.expires),
                ask_again + "; if it was issued a moment ago, this machine's clock is ahead"};
    }
    found.what = "valid for " + spelled(left) + ", until " + base::iso_time(*token.expires);
    if (left < seconds(60)) {
        found.is = verdict::note;
        found.advice = "that is short: get the token just before it is used";
    }
    return found;
}

} // namespace

std::string spelled(seconds time) {
    auto const all = std::max<std::int64_t>(0, time.count());
    auto const days = all / 86400, hours = all / 3600 % 24, minutes = all / 60 % 60;
    if (days > 0) return std::to_string(days) + " d " + std::to_string(hours) + " h";
    if (hours > 0) return std::to_string(hours) + " h " + std::to_string(minutes) + " min";
    if (minutes > 0) return std::to_string(minutes) + " min " + std::to_string(all % 60) + " s";
    return std::to_string(all) + " s";
}

finding judge_endpoint(endpoint const& asked) {
    finding found{verdict::good, "endpoint", base::without_query(asked.url()), {}};
    if (!found.what.ends_with("/token")) {
        found.is = verdict::note;
        found.advice =
            (asked.target() == "/" ? "it has no path: " : "") +
            std::string("--url is the full endpoint; the token operation is at /use/token or at /v1/token");
    }
    return found;
}

finding judge_key(std::string const& use, signing_key const& key, std::chrono::microseconds takes) {
    constexpr std::chrono::seconds slow(1);
    finding found{verdict::good,
                  use,
                  std::string(to_string(key.algorithm())) + ", thumbprint " + key.thumbprint() +
                      ", signs in " + std::to_string((takes.count() + 999) / 1000) + " ms" +
                      (key.signs_inline() ? "" : ", on a thread of its own"),
                  {}};
    if (takes < slow) return found;
    found.is = verdict::note;
    found.advice = "each attempt waits for its signatures: find out why the key's token is so slow";
    return found;
}

finding judge_binding(token const& got) {
    if (got.proof_key())
        return {verdict::good, "binding", "the token is bound to the key: its type is DPoP", {}};
    return {verdict::note, "binding",
            "the service has returned a Bearer token, which is not bound to the key",
            "ask the operator of the service whether it binds tokens; --dpop-required refuses such a token"};
}

findings judge_times(client_options const& options) {
    if (options.attempt_timeout < options.timeout) return {};
    auto const in_ms = [](std::chrono::nanoseconds time) {
        return std::to_string(std::chrono::ceil<std::chrono::milliseconds>(time).count()) + " ms";
    };
    return {{verdict::note, "time limits",
             "one attempt may take " + in_ms(options.attempt_timeout) + ", the whole exchange " +
                 in_ms(options.timeout) + ": a server that does not answer is asked once",
             "give --attempt-timeout-ms less than --timeout-ms"}};
}

finding judge_authorities(std::string const& file, std::vector<authority> const& found) {
    constexpr std::size_t most = 5;
    finding made{verdict::good, "authorities", std::to_string(found.size()) + " in " + file, {}};
    for (std::size_t i = 0; i < std::min(found.size(), most); ++i)
        made.what += "\n" + found[i].subject + "\n  SHA-256 " + found[i].fingerprint;
    if (found.size() > most) made.what += "\nand " + std::to_string(found.size() - most) + " more";
    return made;
}

finding judge_no_scope(grant_type asked) {
    if (asked == grant_type::token_exchange)
        return {verdict::bad, "scope", "none: the service requires a scope for a token exchange",
                "give --scope, as in --scope roleassignments:<org_id>"};
    return {verdict::note, "scope", "none", "most services require a scope: give --scope"};
}

finding judge_scope(std::string_view scope) {
    finding found{verdict::good, "scope", std::string(scope), {}};
    for (std::size_t at = 0; at <= scope.size();) {
        auto const end = std::min(scope.find(' ', at), scope.size());
        auto const value = scope.substr(at, end - at);
        at = end + 1;
        if (has_documented_form(value)) continue;
        found.is = verdict::note;
        found.what += "\n'" + std::string(value) + "' has none of the documented forms";
        found.advice =
            "the forms are ern:<cloud>:<service>:<region>:<project>:<type>:<id>, roleassignments:<org_id>,\n"
            "projectpolicies:<project_id> and orgpolicies:<org_id>; the service decides";
    }
    return found;
}

findings judge_subject_token(secret const& token, sys_seconds now) {
    auto const read = read_id_token(token.reveal());
    if (!read) {
        return {{verdict::note, "subject token", std::to_string(token.size()) + " bytes, not a JWT",
                 "the service expects an OIDC ID token: three parts separated by dots"}};
    }
    finding is{verdict::good, "subject token", describe(*read), {}};
    bool const for_somebody = std::any_of(read->audience.begin(), read->audience.end(),
                                          [](auto const& one) { return !one.empty(); });
    if (read->algorithm.empty() || base::iequals(read->algorithm, "none")) {
        is.is = verdict::note;
        is.advice = "it is not signed: no service should accept it";
    } else if (read->issuer.empty() || read->subject.empty() || !for_somebody) {
        is.is = verdict::note;
        is.advice = "an ID token has iss, sub and aud: is this an ID token?";
    }
    return {is, judge_life(*read, now)};
}

finding judge_clock(sys_seconds servers, sys_seconds ours, bool exchanged) {
    auto const ahead = ours - servers;
    auto const off = std::chrono::abs(ahead);
    if (off <= clock_tolerance) return {verdict::good, "clock", "within a minute of the server's", {}};
    return {exchanged ? verdict::note : verdict::bad, "clock",
            "this machine's clock is " + spelled(off) + (ahead > seconds(0) ? " ahead of" : " behind") +
                " the server's",
            "find out which clock is wrong (timedatectl, chronyc tracking) and set it: both are used to\n"
            "validate tokens and certificates"};
}

finding judge_address(address_answer const& found) {
    finding made{verdict::good, "address", found.address + ": ", {}};
    if (!found.problem.empty()) {
        made.is = verdict::note;
        made.what += found.problem;
        made.advice = "the client uses the host's other addresses: repair this one, or remove it from DNS";
        return made;
    }
    made.what += "TCP, " + found.tls_version + ", " +
                 (found.status != 0 ? "status " + std::to_string(found.status) + " to HEAD"
                                    : "no HTTP/1.1, in which HEAD would be sent");
    if (base::is_of_a_sick_server(found.status)) {
        made.is = verdict::note;
        made.advice = "the server there, or a gateway in front of it, cannot answer now";
    }
    return made;
}

finding judge_protocol(std::string_view chosen, http_version wanted) {
    bool const is_http2 = chosen == "h2";
    finding made{verdict::good,
                 "protocol",
                 is_http2         ? "the server chooses HTTP/2 where it is offered (ALPN h2)"
                 : chosen.empty() ? "HTTP/1.1: the server chooses nothing by ALPN"
                                  : "the server chooses " + std::string(chosen) + " by ALPN",
                 {}};
    if (is_http2 && wanted == http_version::http1) made.what += "; this client offers HTTP/1.1 alone";
    if (!is_http2 && wanted == http_version::http2) {
        made.is = verdict::bad;
        made.advice = "give --http auto, or enable HTTP/2 on the server";
    }
    return made;
}

finding judge_certificate(certificate const& shown, sys_seconds now, bool verified) {
    finding found{verified ? verdict::good : verdict::note,
                  "certificate",
                  "subject   " + shown.subject + "\nnames     " + shown.names + "\nissued by " +
                      shown.issuer + "\nvalid     " + base::iso_time(shown.valid_from) + " to " +
                      base::iso_time(shown.valid_until),
                  {}};
    if (now < shown.valid_from) {
        found.is = verdict::bad;
        found.advice = "it is not valid yet: is this machine's clock behind?";
    } else if (now > shown.valid_until) {
        found.is = verdict::bad;
        found.advice = "it has expired: the service must renew it, unless this machine's clock is ahead";
    } else if (!verified) {
        found.advice = "it was not verified: compare its names and its issuer with what you expect";
    }
    return found;
}

finding judge_failure(std::string topic, error_info const& failed, std::optional<id_token> const& subject) {
    auto what = in_our_words(failed, failed.to_string());
    return {verdict::bad, std::move(topic), std::move(what), advice_for(failed, subject)};
}

findings judge_store(store_answer const& found) {
    findings all;
    auto const in_words = [](std::chrono::milliseconds span) { return std::to_string(span.count()) + " ms"; };
    all.push_back(
        {verdict::good, "store", found.name + ", written, read and removed in " + in_words(found.took), {}});
    if (found.took > std::chrono::milliseconds(100))
        all.push_back({verdict::note, "store", "it is slow: a service gives up a command after 100 ms",
                       "use a nearer one, or raise store_options::bounds.command in the services"});
    if (std::chrono::abs(found.ahead) > std::chrono::seconds(5))
        all.push_back(
            {verdict::note, "store's clock",
             "differs from this machine's by " +
                 spelled(std::chrono::duration_cast<std::chrono::seconds>(std::chrono::abs(found.ahead))),
             "this does no harm to the tokens, whose age is measured by the store's clock alone; correct the "
             "clock that is wrong"});
    if (found.software.empty()) return all;
    all.push_back({verdict::good,
                   "store's server",
                   found.software + (found.role.empty() ? "" : ", role " + found.role),
                   {}});
    if (found.role == "slave")
        all.push_back({verdict::bad, "store's server", "is a replica, to which nothing can be written",
                       "name the master, or its sentinels: redis+sentinel://"});
    bool const evicts_any =
        found.eviction_policy.starts_with("allkeys") || found.eviction_policy == "noeviction";
    if (found.limits_memory && evicts_any)
        all.push_back({verdict::note, "store's memory",
                       "is limited, with maxmemory-policy " + found.eviction_policy,
                       "maxmemory-policy volatile-ttl drops first the tokens that expire first"});
    return all;
}

finding judge_store_failure(std::string const& name, std::string const& step, error_info const& failed) {
    bool const is_away = failed.kind == error_kind::timeout || failed.kind == error_kind::connect;
    auto advice = is_away ? std::string("check that it runs and can be reached from here")
                          : "look the message up in " + failed.help();
    advice += "; meanwhile each process makes its own exchanges";
    return {verdict::bad, "store", name + " cannot be " + step + ": " + in_our_words(failed, failed.message),
            advice};
}

} // namespace equinix::sts::tool::doctor
