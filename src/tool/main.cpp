#include "tool/arguments.hpp"
#include "tool/doctor/doctor_command.hpp"
#include "tool/exchange_command.hpp"
#include "tool/exec_command.hpp"
#include "tool/exit_code.hpp"
#include "tool/serve_mock_command.hpp"

#include <equinix/sts/version.hpp>

#include <sys/prctl.h>

#include <algorithm>
#include <exception>
#include <iostream>

namespace tool = equinix::sts::tool;

namespace {

int run(tool::arguments const& given) {
    switch (given.command) {
    case tool::command::help:
        std::cout << given.help;
        return tool::success;
    case tool::command::version:
        std::cout << "sts-token " EQUINIX_STS_VERSION "\n";
        return tool::success;
    case tool::command::exec:
        return tool::exec(given.exec);
    case tool::command::doctor:
        return tool::run_doctor(given.doctor);
    case tool::command::serve_mock:
        return tool::serve_mock(given.serve_mock);
    case tool::command::exchange:
        return tool::run_exchanges(given.exchange);
    }
    return tool::some_failure;
}

} // namespace

int main(int argc, char** argv) {
    ::prctl(PR_SET_DUMPABLE, 0); // no core file with secrets in it, and no other process may read them
    try {
        std::span<char* const> const words{argv + std::min(argc, 1), argv + argc};
        auto const given = tool::parse_arguments({words.data(), words.size()});
        tool::hide_passwords(words);
        auto const status = run(given);
        if (std::cout.flush()) return status;
        std::cerr << "sts-token: the output could not be written\n";
    } catch (tool::usage_error const& wrong) {
        std::cerr << "sts-token: " << wrong.what() << '\n';
        return tool::wrong_usage;
    } catch (std::exception const& failed) {
        std::cerr << "sts-token: " << failed.what() << '\n';
    }
    return tool::some_failure;
}
