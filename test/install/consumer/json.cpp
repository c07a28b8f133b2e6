// Boost.JSON, which the library has a copy of.
#include "check.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace json = boost::json;

namespace {

check const json_("json", [] {
    auto const value = json::parse(R"({"a":[1,2.5,"three",null,true],"b":{}})");
    equal("a value that was read and written", json::serialize(value),
          R"({"a":[1,2.5E0,"three",null,true],"b":{}})");

    boost::system::error_code ec;
    json::parse("{", ec);
    holds(ec == json::error::incomplete, "a parser's code does not equal json::error::incomplete");
});

} // namespace
