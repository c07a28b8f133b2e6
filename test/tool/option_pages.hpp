// What is installed for the options of sts-token beside the command, made of their table.
#pragma once

#include <string>

namespace test {

std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

/// The page with the table's headings of options; what it says of each stays.
std::string manual_page(std::string const& before);

} // namespace test
