#include "option_pages.hpp"

#include "tool/options.hpp"

#include <cctype>
#include <map>
#include <regex>
#include <sstream>
#include <vector>

namespace test {
namespace {

using namespace equinix::sts::tool;
using rows = std::vector<option_row>;

rows rows_of(std::initializer_list<option_group> groups) {
    rows found;
    for (auto const group : groups)
        for (auto const& row : option_table)
            if (row.group == group) found.push_back(row);
    return found;
}

std::vector<std::string> words_of(std::string_view list) {
    std::istringstream stream{std::string(list)};
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

std::string names(rows const& of, std::string const& between) {
    std::string list;
    for (auto const& row : of)
        list.append(list.empty() ? "" : between).append(row.name);
    return list;
}

/// Breaks what would pass column 118.
std::string wrapped(std::string const& list, std::size_t begin, std::string const& line_end) {
    std::string out;
    auto column = begin;
    for (auto const& word : words_of(list)) {
        if (word == "|") continue;
        bool const piped = list.find('|') != std::string::npos && !out.empty();
        if (column + word.size() > 114) {
            out += (piped ? " |" : "") + line_end;
            column = line_end.size();
        } else if (!out.empty()) {
            out += piped ? " | " : " ";
            column += piped ? 3 : 1;
        }
        out += word;
        column += word.size();
    }
    return out;
}

std::string escaped(std::string_view text, std::string_view special) {
    std::string out;
    for (char const c : text) {
        if (special.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

std::string replaced(std::string text, std::string const& what, std::string const& with) {
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
        text.replace(at, what.size(), with);
    return text;
}

std::string filled(std::string text, std::map<std::string, std::string> const& places) {
    for (auto const& [name, value] : places)
        text = replaced(text, "@" + name + "@", value);
    return text;
}

std::string zsh_specs(rows const& of, std::string const& before, std::string const& after) {
    std::string out;
    for (auto const& row : of) {
        std::string spec;
        if (!row.excludes.empty()) spec.append("(").append(row.excludes).append(")");
        if (row.group == option_group::common) spec = "(- *)";
        if (row.may_repeat()) spec += '*';
        spec.append(row.name).append("[").append(escaped(row.about, ":[]")).append("]");
        if (!row.is_flag()) spec.append(":").append(escaped(row.what, ":")).append(":");
        switch (row.kind) {
        case value_kind::text:
            break;
        case value_kind::words:
        case value_kind::hints:
            spec += "(" + escaped(row.values, ":") + ")";
            break;
        case value_kind::url:
            spec += "_urls";
            break;
        case value_kind::file:
            spec += "_files";
            break;
        case value_kind::folder:
            spec += "_files -/";
            break;
        case value_kind::variable:
            spec += "_parameters -g \"*export*\"";
            break;
        }
        out += before + "'" + replaced(spec, "'", "'\\''") + "'" + after;
    }
    return out;
}

/// Unless it begins with a name.
std::string capitalized(std::string_view text) {
    std::string out(text);
    bool const is_name = text.find("://") != std::string_view::npos || text.starts_with("expires_in");
    if (!is_name) out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
    return out;
}

std::string fish_lines(rows const& of, std::string const& condition) {
    std::string out;
    for (auto const& row : of) {
        auto const about = capitalized(row.about);
        std::string takes = " -x";
        if (row.is_flag()) takes = "";
        if (!row.values.empty()) takes.append(" -a '").append(row.values).append("'");
        if (row.kind == value_kind::file) takes = " -rF";
        if (row.kind == value_kind::folder) takes += " -a '(__fish_complete_directories)'";
        if (row.kind == value_kind::variable) takes += " -a '(set -xn)'";
        out += "complete -c sts-token" + condition + " -l " + std::string(row.name.substr(2)) + takes +
               " -d '" + escaped(about, "'\\") + "'\n";
    }
    return out;
}

/// As in `Fl -fail Ar N : Ns Ar STATUS Ns Op : Ns Ar ERROR`.
std::string manual_heading(option_row const& row) {
    auto heading = "Fl -" + std::string(row.name.substr(2));
    if (row.is_flag()) return heading;
    if (row.kind == value_kind::words)
        return heading + " Cm " + replaced(std::string(row.values), " ", " | Cm ");
    auto value = replaced(std::string(row.value), "[:", " Ns Op \x01 Ns Ar ");
    value = replaced(replaced(value, ":", " : Ns Ar "), "\x01", ":");
    return heading + " Ar " + replaced(value, "]", "");
}

using enum option_group;

} // namespace

std::string bash_completion() {
    rows files, folders, variables, offered, rest;
    std::string lists;
    for (auto const& row : option_table) {
        bool const begun = row.values.ends_with(':');
        if (row.is_flag()) continue;
        if (row.kind == value_kind::file)
            files.push_back(row);
        else if (row.kind == value_kind::folder)
            folders.push_back(row);
        else if (row.kind == value_kind::variable)
            variables.push_back(row);
        else if (begun)
            lists += "        " + std::string(row.name) +
                     ")\n            compopt -o nospace\n            words='" + std::string(row.values) +
                     "'\n            ;;\n";
        else if (!row.values.empty() && row.values.find(':') == std::string_view::npos) // which ends a word
            lists += "        " + std::string(row.name) + ") words='" + std::string(row.values) + "' ;;\n";
        else
            rest.push_back(row);
    }
    auto const any_of = [](rows const& of) { return wrapped(names(of, " | "), 8, " \\\n            "); };
    auto const list_of = [](rows const& of) { return wrapped(names(of, " "), 20, "\n        "); };
    return filled(
        R"(# Completion of sts-token's options and their values, for bash. Generated from src/tool/options.hpp.
_sts_token() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    if [ "$word" = = ]; then word=; fi
    if [ "$before" = = ]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi
    local exchange='@exchange@'
    local several='@several@'
    local words= at
    for ((at = 2; at < COMP_CWORD; ++at)); do
        if [ "${COMP_WORDS[1]}" = exec ] && [ "${COMP_WORDS[at]}" = -- ]; then # a program and its arguments
            if ((at + 1 == COMP_CWORD)); then
                mapfile -t COMPREPLY < <(compgen -A command -- "$word" | sort -u)
            else
                mapfile -t COMPREPLY < <(compgen -f -- "$word")
            fi
            return
        fi
    done
    case $before in
        @files@)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            compopt -o filenames
            return
            ;;
        @folders@)
            mapfile -t COMPREPLY < <(compgen -d -- "$word")
            compopt -o filenames
            return
            ;;
        @variables@)
            mapfile -t COMPREPLY < <(compgen -e -- "$word")
            return
            ;;
@lists@        @rest@) return ;;
        *)
            case ${COMP_WORDS[1]} in
                serve-mock) words='@serve_mock@ @common@' ;;
                doctor) words="$exchange @doctor@ @common@" ;;
                exec) words="$exchange @told@ @exec@ @common@ --" ;;
                *) words="$exchange $several @told@ @common@" ;;
            esac
            if [ "$COMP_CWORD" -eq 1 ]; then words+=' exec doctor serve-mock'; fi
            ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _sts_token sts-token
)",
        {{"exchange", list_of(rows_of({ask, connection, store}))},
         {"several", list_of(rows_of({several, output}))},
         {"files", any_of(files)},
         {"folders", any_of(folders)},
         {"variables", any_of(variables)},
         {"lists", lists},
         {"rest", any_of(rest)},
         {"serve_mock", names(rows_of({serve_mock}), " ")},
         {"told", names(rows_of({told}), " ")},
         {"exec", names(rows_of({exec}), " ")},
         {"doctor", names(rows_of({doctor}), " ")},
         {"common", names(rows_of({common}), " ")}});
}

std::string zsh_completion() {
    return filled(R"(#compdef sts-token
# Completion of sts-token's options and their values, for zsh. Generated from src/tool/options.hpp.

local -a ask several told common
ask=(
@ask@)
several=(
@several@)
told=(
@told@)
common=(
@common@)

if (( CURRENT > 2 )) && [[ $words[2] == serve-mock ]]; then
    shift words
    (( CURRENT-- ))
    _arguments $common@serve_mock@
elif (( CURRENT > 2 )) && [[ $words[2] == doctor ]]; then
    shift words
    (( CURRENT-- ))
    _arguments $common $ask@doctor@
elif (( CURRENT > 2 )) && [[ $words[2] == exec ]]; then
    shift words
    (( CURRENT-- ))
    _arguments $common $ask $told@exec@ \
        '*::: :_normal'
else
    _arguments $common $ask $several $told \
        '1:command:((exec\:"run a program with a token" doctor\:"find out what is wrong with a set-up" serve-mock\:"run a mock of the service"))'
fi
)",
                  {{"ask", zsh_specs(rows_of({ask, connection, store}), "    ", "\n")},
                   {"several", zsh_specs(rows_of({several, output}), "    ", "\n")},
                   {"told", zsh_specs(rows_of({told}), "    ", "\n")},
                   {"common", zsh_specs(rows_of({common}), "    ", "\n")},
                   {"exec", zsh_specs(rows_of({exec}), " \\\n        ", "")},
                   {"serve_mock", zsh_specs(rows_of({serve_mock}), " \\\n        ", "")},
                   {"doctor", zsh_specs(rows_of({doctor}), " \\\n        ", "")}});
}

std::string fish_completion() {
    return R"(# Completion of sts-token's options and their values, for fish. Generated from src/tool/options.hpp.
set --local other "__fish_seen_subcommand_from serve-mock"
set --local ask "not $other"
set --local only "not __fish_seen_subcommand_from serve-mock doctor exec"
set --local told "not __fish_seen_subcommand_from serve-mock doctor"
complete -c sts-token -f
complete -c sts-token -n __fish_use_subcommand -a exec -d 'Run a program with a token'
complete -c sts-token -n __fish_use_subcommand -a doctor -d 'Find out what is wrong with a set-up'
complete -c sts-token -n __fish_use_subcommand -a serve-mock -d 'Run a mock of the service'
)" + fish_lines(rows_of({common}), "") +
           "\n" + fish_lines(rows_of({ask, connection, store}), " -n $ask") +
           fish_lines(rows_of({doctor}), " -n \"__fish_seen_subcommand_from doctor\"") + "\n" +
           fish_lines(rows_of({several, output}), " -n $only") + "\n" +
           fish_lines(rows_of({told}), " -n $told") +
           fish_lines(rows_of({exec}), " -n \"__fish_seen_subcommand_from exec\"") + "\n" +
           fish_lines(rows_of({serve_mock}), " -n $other");
}

std::string manual_page(std::string const& before) {
    std::map<std::string, rows> const sections = {{".Ss Request", rows_of({ask})},
                                                  {".Ss Connection", rows_of({connection})},
                                                  {".Ss Sharing", rows_of({store})},
                                                  {".Ss Several exchanges", rows_of({several})},
                                                  {".Ss Output", rows_of({output, told, common})},
                                                  {".Ss exec", rows_of({exec})},
                                                  {".Ss doctor", rows_of({doctor})},
                                                  {".Ss serve-mock", rows_of({serve_mock})}};
    std::istringstream lines(before);
    std::string out;
    rows here;
    for (std::string line; std::getline(lines, line);) {
        out += line + "\n";
        if (line.starts_with(".S")) here = sections.contains(line) ? sections.at(line) : rows();
        if (!line.starts_with(".Bl") || here.empty()) continue;
        std::map<std::string, std::string> said; // of each option, by the first name of its heading
        std::string about;
        int inner = 0; // lists within
        while (std::getline(lines, line) && (inner > 0 || line != ".El")) {
            if (line.starts_with(".Bl")) ++inner;
            if (line == ".El") --inner;
            if (inner == 0 && line.starts_with(".It Fl -"))
                about = "--" + line.substr(8, line.find(' ', 8) - 8);
            else
                said[about] += line + "\n";
        }
        std::string heading, first;
        for (auto const& row : here) {
            if (first.empty()) first = row.name;
            heading += manual_heading(row);
            if (row.is_flag() && row.joins_next()) {
                heading += " , ";
                continue;
            }
            auto const text = said.find(first);
            out += ".It " + heading + "\n" +
                   (text != said.end() ? text->second : capitalized(row.about) + ".\n");
            heading.clear();
            first.clear();
        }
        out += ".El\n";
        here.clear();
    }
    return out;
}

} // namespace test
