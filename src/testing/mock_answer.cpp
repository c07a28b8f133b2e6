#include <equinix/sts/testing/mock_sts.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace equinix::sts::testing {

mock_answer mock_answer::genuine() {
    mock_answer answer;
    answer.genuine_ = true;
    return answer;
}

mock_answer mock_answer::error(unsigned status, std::string_view error, std::string_view description) {
    boost::json::object body;
    if (!error.empty()) body["error"] = boost::json::string_view(error);
    if (!description.empty()) body["error_description"] = boost::json::string_view(description);
    return error.empty() ? with(status, "", "text/plain") : with(status, boost::json::serialize(body));
}

mock_answer mock_answer::with(unsigned status, std::string body, std::string content_type) {
    mock_answer answer;
    answer.status(status);
    answer.body(std::move(body));
    answer.header("Content-Type", std::move(content_type));
    return answer;
}

mock_answer mock_answer::stream_reset(std::uint32_t code) {
    mock_answer made;
    made.stream_reset_ = code;
    return made;
}

mock_answer mock_answer::raw(std::string bytes) {
    mock_answer answer;
    answer.raw_ = std::move(bytes);
    return answer;
}

mock_answer& mock_answer::status(unsigned value) {
    status_ = value;
    return *this;
}

mock_answer& mock_answer::header(std::string name, std::string value) {
    headers_.emplace_back(std::move(name), std::move(value));
    return *this;
}

mock_answer& mock_answer::body(std::string value) {
    body_ = std::move(value);
    return *this;
}

mock_answer& mock_answer::delay(std::chrono::milliseconds value) {
    delay_ = value;
    return *this;
}

mock_answer& mock_answer::hold() {
    held_ = true;
    return *this;
}

mock_answer& mock_answer::hold_connection() {
    silent_ = true;
    return hold();
}

mock_answer& mock_answer::pieces(std::size_t bytes) {
    pieces_ = bytes;
    return *this;
}

mock_answer& mock_answer::close_after(std::size_t bytes) {
    return end(ending::close, bytes);
}

mock_answer& mock_answer::cut_after(std::size_t bytes) {
    return end(ending::cut, bytes);
}

mock_answer& mock_answer::reset_after(std::size_t bytes) {
    return end(ending::reset, bytes);
}

mock_answer& mock_answer::end(ending how, std::size_t bytes) {
    ending_ = how;
    end_after_ = bytes;
    return *this;
}

} // namespace equinix::sts::testing
