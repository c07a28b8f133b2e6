"""Finds the entry of the reference that a name in code or in a text means."""
import re

from doxygen import TYPES, Entry


class Names:
    def __init__(self, compounds: list[Entry]):
        self.compounds = {one.path: one for one in compounds}
        self.by_path: dict[str, list[Entry]] = {}
        self.by_id: dict[str, Entry] = {}
        self.by_name: dict[str, list[Entry]] = {}
        for one in compounds:
            for entry in [one, *one.members]:
                if entry.id and entry.id in self.by_id:
                    continue
                self.by_id[entry.id] = entry
                self.by_path.setdefault(entry.path, []).append(entry)
                self.by_name.setdefault(entry.name, []).append(entry)

    def all(self) -> list[Entry]:
        return [entry for group in self.by_path.values() for entry in group]

    def lookup(self, path: str, context: str = "") -> Entry | None:
        """The name as C++ finds it from within `context`, a class or namespace."""
        path = re.sub(r"^(?:::)?(?:equinix::)?sts(?:::|$)", "", path)
        while True:
            found = self.by_path.get(f"{context}::{path}" if context else path)
            if found:
                return found[0]
            if not context:
                return self._of_class(path)
            context = context.rpartition("::")[0]

    def _of_class(self, path: str) -> Entry | None:
        owner, _, name = path.rpartition("::")
        holder = self.by_path.get(owner, [None])[0] if owner else None
        return self.member(holder, name) if holder else None

    def member(self, of: Entry | None, name: str) -> Entry | None:
        """A member of a type or of one of its bases."""
        while of is not None:
            if of.kind == "typedef":
                of = self.type_of(of)
                continue
            found = self.by_path.get(f"{of.path}::{name}")
            if found:
                return found[0]
            of = self.by_path.get(of.bases[0], [None])[0] if of.bases else None
        return None

    def type_in(self, text: str, context: str) -> Entry | None:
        """The type of the library that a type such as `awaitable<result<token>>` is about: the innermost one."""
        found = [self.type_named(path, context) for path in re.findall(r"[\w:]+", text)]
        known = [one for one in found if one is not None]
        plain = [one for one in known if one.path != "result"]
        return (plain or known or [None])[0]

    def type_named(self, path: str, context: str) -> Entry | None:
        """As `lookup`, but passes over what is no type: a constructor, a member function of the same name."""
        path = re.sub(r"^(?:::)?(?:equinix::)?sts::", "", path)
        while True:
            for one in self.by_path.get(f"{context}::{path}" if context else path, []):
                if one.kind in TYPES:
                    return one
            if not context:
                return None
            context = context.rpartition("::")[0]

    def type_of(self, entry: Entry | None) -> Entry | None:
        if entry is None or entry.kind in ("class", "struct", "enum"):
            return entry
        if entry.kind == "function" and entry.owner is not None and entry.name == entry.owner.name:
            return entry.owner
        found = self.type_in(entry.type, entry.scope)
        return self.type_of(found) if found is not None and found is not entry else None

    def chain(self, text: str, context: str = "") -> Entry | None:
        """A name and members of it, as in `client_options::pool.max_connections`."""
        first, *rest = text.split(".")
        entry = self.lookup(first, context)
        for name in rest:
            entry = self.member(self.type_of(entry), name)
            if entry is None:
                return None
        return entry

    def plainly(self, entry: Entry, before: str) -> bool:
        """Whether a plain word, which may have another meaning, is this entry in a comment."""
        if entry.kind in ("class", "struct"):
            return re.search(r"\b(?:an?|for|each|this) $", before) is not None
        return entry.owner is not None and entry.owner.kind in ("class", "struct")

    def certainly(self, entry: Entry, name: str, called: str | None, context: str) -> Entry | None:
        """The entry, unless a call `name()` more probably means a member of an object that the text speaks of."""
        if not called:
            return entry
        if entry.kind == "variable" or entry.kind in ("class", "struct") and called == "()":
            return None
        outside = entry.owner is not None and entry.owner.kind == "namespace" and entry.owner.path != context
        return None if outside and len({one.path for one in self.by_name[name]}) > 1 else entry

    def in_text(self, code: str, before: str = "", context: str | None = None,
                hidden: frozenset[str] = frozenset()) -> Entry | None:
        """The entry that code within a text means, or none if that is not certain. `before` is the text in front of
        it, `context` the class or namespace whose comment this is, `hidden` the names of a function's parameters."""
        found = re.fullmatch(r"((?:::)?~?[A-Za-z_][\w:]*(?:\.\w+)*)(\([^()]*\))?", code.strip())
        if not found or code in hidden:
            return None
        name, called = found.group(1), found.group(2)
        if re.search(r"\b(?:kinds?|error) (?:<[^>]*>)*$", before) and not called:
            kind = self.lookup(f"error_kind::{name}")
            if kind is not None:
                return kind
        if re.search(r"\bphase (?:<[^>]*>)*$", before):
            return self.lookup(f"phase::{name}")
        if "::" in name or "." in name:
            return self.chain(name, context or "") or self.chain("client_options::" + name)
        if context is not None:
            entry = self.lookup(name, context)
            if entry is not None and (called or "_" in name or self.plainly(entry, before)):
                return self.certainly(entry, name, called, context)
        same: dict[str, Entry] = {}
        for one in self.by_name.get(name, []):
            same.setdefault(one.path, one)
        if called:
            same = {path: one for path, one in same.items() if one.kind == "function"}
        elif "_" in name:
            same = {path: one for path, one in same.items()
                    if one.kind in TYPES + ("define",) or one.kind == "function" and one.owner.kind == "namespace"}
        else:
            return None
        return next(iter(same.values())) if len(same) == 1 else None
