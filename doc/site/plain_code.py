"""Highlights what is not C++: shell, CMake, YAML and Go, as far as comments, texts and a few words go."""
import re
from html import escape

STRING = r"\"(?:\\.|[^\"\\\n])*\"|'[^'\n]*'"
RULES = {
    "sh": (r"(?<![\w$\\'\"{(])#[^\n]*",
           r"\b(?:if|then|else|fi|for|in|do|done|while|until|case|esac|export|set|exit|local|function)\b"),
    "cmake": (r"#[^\n]*", r"^ *[a-z_]+(?=\()|\b(?:REQUIRED|PRIVATE|PUBLIC|INTERFACE|VERSION|LANGUAGES|COMPONENTS)\b"),
    "yaml": (r"(?<!\S)#[^\n]*", r"^[ -]*(?:\"[^\"\n]*\"|[\w$./{}-]+)(?=:(?:\s|$))"),
    "go": (r"//[^\n]*", r"\b(?:func|return|if|err|nil|var|for|range|type|struct|package|import|go|defer)\b"),
    "console": (r"(?<=  )# [^\n]*", r"^\$(?= )"),
}


def language_of(file: str) -> str:
    if file.endswith("CMakeLists.txt"):
        return "cmake"
    ending = file.rpartition(".")[2]
    return {"yml": "yaml", "yaml": "yaml", "sh": "sh", "cpp": "cpp", "hpp": "cpp"}.get(ending, "")


def highlight(code: str, language: str) -> str:
    if language not in RULES:
        return escape(code, quote=False)
    comment, word = RULES[language]
    strings = STRING if language not in ("console",) else r"(?!)"
    order = f"(?P<k>{word})|(?P<s>{strings})" if language == "yaml" else f"(?P<s>{strings})|(?P<k>{word})"
    pattern = re.compile(f"(?P<c>{comment})|{order}", re.M)
    parts, last = [], 0
    for found in pattern.finditer(code):
        parts.append(escape(code[last:found.start()], quote=False))
        for number, piece in enumerate(found.group().split("\n")):
            parts.append(("\n" if number else "") + f'<span class="{found.lastgroup}">{escape(piece, quote=False)}</span>')
        last = found.end()
    return "".join(parts) + escape(code[last:], quote=False)
