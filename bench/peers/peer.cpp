#include "peers/peer.hpp"

#include "base/form.hpp"
#include "core/json_members.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

namespace equinix::sts::bench {
namespace {

[[noreturn]] void refuse(std::string const& why) {
    std::cerr << why << '\n';
    std::exit(2); // NOLINT: one thread
}

std::string file(std::string const& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) refuse("cannot read " + path);
    std::string all{std::istreambuf_iterator<char>(in), {}};
    all.erase(all.find_last_not_of(" \t\r\n") + 1);
    return all;
}

} // namespace

peer_arguments read_arguments(std::span<char const* const> words) {
    peer_arguments all;
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        std::string_view const name = words[i];
        std::string const value = words[i + 1];
        if (name == "--url")
            all.url = value;
        else if (name == "--ca-file")
            all.ca_file = value;
        else if (name == "--scope")
            all.scope = value;
        else if (name == "--subject-token-file")
            all.subject_token = file(value);
        else if (name == "--mode")
            all.mode = value;
        else if (name == "--http")
            all.http = value;
        else if (name == "--connections")
            all.connections = static_cast<unsigned>(std::strtoul(value.c_str(), nullptr, 10));
        else if (name == "--exchanges")
            all.exchanges = std::strtoull(value.c_str(), nullptr, 10);
        else
            refuse("unknown option " + std::string(name));
    }
    constexpr std::string_view scheme = "https://";
    if (!all.url.starts_with(scheme) || all.ca_file.empty() || all.subject_token.empty() ||
        all.connections == 0)
        refuse("needs --url https://HOST:PORT/PATH, --ca-file, --scope and --subject-token-file");
    auto const rest = all.url.substr(scheme.size());
    auto const slash = rest.find('/');
    auto const colon = rest.find(':');
    all.host = rest.substr(0, colon);
    all.port = rest.substr(colon + 1, slash - colon - 1);
    all.target = rest.substr(slash);
    return all;
}

void encode_form(peer_arguments const& what, base::wiped_buffer& out) {
    out.clear();
    base::append(out, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&scope=");
    base::form_encode(out, what.scope);
    base::append(out, "&subject_token=");
    base::form_encode(out, what.subject_token);
    base::append(out, "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aid_token");
}

bool token_reader::read(std::string_view body) {
    auto const members = core::read_members(body);
    if (!members || !members->access_token.is_text() || !members->issued_token_type.is_text()) return false;
    token.assign(members->access_token.value);
    issued_token_type.assign(members->issued_token_type.value);
    expires_in = members->expires_in.number;
    return members->token_type.value == "Bearer";
}

measurement::measurement(std::string client, peer_arguments const& what) {
    allow_many_descriptors();
    out_.client = std::move(client);
    out_.mode = what.mode;
    out_.http = what.http;
    out_.concurrency = out_.connections = what.connections;
    before_ = usage_of_thread();
    begun_ = clock::now();
}

void measurement::open() noexcept {
    auto const now = usage_of_thread();
    out_.opening_cpu_us = (now - before_).cpu_us;
    out_.opening_seconds = std::chrono::duration<double>(clock::now() - begun_).count();
    if (out_.connections > 1) out_.kb_per_connection = (resident_kb() - rss_of_one_) / (out_.connections - 1);
    begun_ = clock::now();
    before_ = usage_of_thread();
}

int measurement::close() {
    out_.used = usage_of_thread() - before_;
    out_.seconds = std::chrono::duration<double>(clock::now() - begun_).count();
    out_.rss_kb = resident_kb();
    std::puts(json_of(out_).c_str());
    return out_.errors == 0 ? 0 : 1;
}

} // namespace equinix::sts::bench
