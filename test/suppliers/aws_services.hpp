// What a machine and a container of AWS reach.
#pragma once

#include "base/http_date.hpp"
#include "suppliers/aws_signature.hpp"
#include "suppliers/request_of.hpp"
#include "support/http_server.hpp"

#include <equinix/sts/secret.hpp>

#include <chrono>
#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace test {

/// As AWS writes a time.
inline std::string time_of_aws(std::chrono::seconds from_now) {
    return equinix::sts::base::iso_time(
        std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + from_now);
}

/// The services of AWS that a machine or a container reaches: the token service, which checks signatures, the
/// metadata service in its second version, and the endpoint of a container.
class aws_services {
public:
    aws_services() {
        server_.answer_by([this](std::string const& text) {
            std::scoped_lock const lock(mutex_);
            return answer(request_of(text));
        });
    }

    /// Changes how they answer from now on.
    template <class Change>
    void change(Change how) {
        std::scoped_lock const lock(mutex_);
        how(*this);
    }

    std::string url(std::string const& target = "/") const { return server_.url(target); }
    std::vector<std::string> requests() const { return server_.requests(); }
    std::size_t connections() const { return server_.connections(); }
    void fall_silent() { server_.fall_silent(); }
    std::size_t requests_of(std::string_view line) const {
        std::size_t found = 0;
        for (auto const& one : requests())
            found += request_of(one).line() == line ? 1 : 0;
        return found;
    }

    std::string key = "AKIDKEY", secret_key = "key-canary", session;
    std::string role = "my-role", keys_code = "Success", container_login;
    std::chrono::seconds keys_last = std::chrono::hours(1);
    std::set<std::string> revoked; ///< sessions whose keys are refused
    std::string refusal;           ///< what the token service answers in place of a token
    unsigned refused_by = 403;

private:
    static std::string json(unsigned status, std::string const& body) {
        return http_answer(status, body, "application/json");
    }

    std::string answer(request_of const& request) {
        auto const line = request.line();
        if (line == "POST /") return token_service(request);
        if (line == "PUT /latest/api/token")
            return request.field("X-aws-ec2-metadata-token-ttl-seconds").empty()
                       ? http_answer(400, "")
                       : http_answer(200, "a-session");
        if (line.starts_with("GET /latest/")) return metadata(line.substr(4), request);
        if (line == "GET /container")
            return request.field("Authorization") == container_login ? json(200, keys())
                                                                     : json(401, R"({"message":"no"})");
        return http_answer(404, "");
    }

    std::string metadata(std::string const& path, request_of const& request) {
        if (request.field("X-aws-ec2-metadata-token") != "a-session") return http_answer(401, "");
        if (path == "/latest/meta-data/placement/region") return http_answer(200, "eu-central-1");
        if (path == "/latest/meta-data/iam/security-credentials/")
            return role.empty() ? http_answer(404, "") : http_answer(200, role + "\nanother");
        if (path == "/latest/meta-data/iam/security-credentials/" + role) return json(200, keys());
        return http_answer(404, "");
    }

    std::string keys() {
        if (keys_code != "Success") return R"({"Code":")" + keys_code + R"(","Message":"no keys"})";
        session = "session-canary-" + std::to_string(issued_.size());
        issued_.insert(session);
        return R"({"Code":"Success","Type":"AWS-HMAC","AccessKeyId":")" + key + R"(","SecretAccessKey":")" +
               secret_key + R"(","Token":")" + session + R"(","Expiration":")" + time_of_aws(keys_last) +
               "\"}";
    }

    static std::string error(unsigned status, std::string const& code) {
        return http_answer(
            status,
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender"
            "</Type><Code>" +
                code + "</Code><Message>message-canary</Message></Error></ErrorResponse>",
            "text/xml");
    }

    std::string token_service(request_of const& request) {
        if (!refusal.empty()) return error(refused_by, refusal);
        if (revoked.contains(request.field("X-Amz-Security-Token"))) return error(403, "ExpiredToken");
        auto const date = request.field("X-Amz-Date");
        auto const login = request.field("Authorization");
        auto const body = request.body();
        auto const type = request.field("Content-Type");
        auto const host = request.field("Host");
        std::chrono::sys_seconds const now =
            std::chrono::sys_days(std::chrono::year(std::stoi(date.substr(0, 4))) /
                                  std::stoi(date.substr(4, 2)) / std::stoi(date.substr(6, 2))) +
            std::chrono::hours(std::stoi(date.substr(9, 2))) +
            std::chrono::minutes(std::stoi(date.substr(11, 2))) +
            std::chrono::seconds(std::stoi(date.substr(13, 2)));
        if (std::chrono::abs(std::chrono::system_clock::now() - now) > std::chrono::minutes(15))
            return error(400, "RequestExpired");
        auto const asked_by = request.field("X-Amz-Security-Token");
        if (asked_by != session && !issued_.contains(asked_by)) return error(403, "InvalidClientTokenId");
        equinix::sts::suppliers_detail::aws_credentials known;
        known.access_key_id = key;
        known.secret_access_key = equinix::sts::secret(secret_key);
        known.session_token = equinix::sts::secret(asked_by);
        auto const region = login.substr(login.find('/') + 10);
        auto const named = region.substr(0, region.find('/'));
        equinix::sts::suppliers_detail::aws_request what;
        what.host = host;
        what.region = named;
        what.service = "sts";
        what.content_type = type;
        what.body = body;
        auto const expected = equinix::sts::suppliers_detail::aws_signature(known, what, now);
        if (login != expected.back().second.reveal()) return error(403, "SignatureDoesNotMatch");
        if (body.find("Action=GetWebIdentityToken&Version=2011-06-15&") != 0 ||
            body.find("&SigningAlgorithm=") == std::string::npos)
            return error(400, "ValidationError");
        return http_answer(
            200,
            "<GetWebIdentityTokenResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
            "<GetWebIdentityTokenResult><WebIdentityToken>token.of." +
                named +
                "</WebIdentityToken><Expiration>2026-04-21T07:37:10.000Z</Expiration>"
                "</GetWebIdentityTokenResult><ResponseMetadata/></GetWebIdentityTokenResponse>",
            "text/xml");
    }

    std::mutex mutex_;
    std::set<std::string> issued_; ///< sessions
    http_server server_;           // last: it answers until it is destroyed
};

} // namespace test
