"""Dictionary dispatch: which route a path is, without walking over the others.

Static paths are one dictionary, parametric ones a trie of segments. A literal segment beats one
with a parameter inside (`{y}.png`), that beats a whole parameter, and the rest of a path
(`{dataset_path:path}`) comes last, in whatever order routes were declared.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.convertors import Convertor
from starlette.routing import compile_path
from starlette.types import ASGIApp

from aurum_app.headers import RawHeaders
from aurum_core.auth import Policy


@dataclass(slots=True, kw_only=True)
class RouteEntry:
    """One method of one route: all that the edge must know before it runs the handler.

    `query` holds the names of the query parameters, None where unknown ones are nobody's business.
    `json` says that a client that takes JSON gets what a client that takes anything gets;
    `media_types` are those of the request body, empty where none is read. `house` routes (health,
    documents) pass neither authentication nor limiter and touch no dependency.
    """

    template: str
    method: str
    router: str
    policy: Policy
    app: ASGIApp
    surface: str = ""
    house: bool = False
    json: bool = True
    query: frozenset[str] | None = None
    media_types: tuple[str, ...] = ()
    lifecycle: RawHeaders = field(default_factory=list)
    context: Any = None


@dataclass(slots=True)
class Leaf:
    """A path template with the routes of its methods."""

    template: str
    regex: re.Pattern[str]
    convertors: dict[str, Convertor[Any]]
    methods: dict[str, RouteEntry] = field(default_factory=dict)

    def params_of(self, path: str) -> dict[str, Any] | None:
        """Return the path parameters, None when a convertor or a suffix does not fit."""
        match = self.regex.match(path)
        if match is None:
            return None
        return {k: self.convertors[k].convert(v) for k, v in match.groupdict().items()}


@dataclass(slots=True)
class Node:
    """One segment deep in the trie."""

    literals: dict[str, "Node"] = field(default_factory=dict)
    patterns: list[tuple[re.Pattern[str], "Node"]] = field(default_factory=list)
    any: "Node | None" = None
    leaf: Leaf | None = None
    rests: list[Leaf] = field(default_factory=list)


class RouteTable:
    """Finds routes by path and method."""

    def __init__(self, entries: Iterable[RouteEntry]) -> None:
        self.static: dict[str, Leaf] = {}
        self._root = Node()
        self._leaves: dict[str, Leaf] = {}
        for entry in entries:
            self._add(entry)
        for leaf in self._leaves.values():
            if "GET" in leaf.methods:
                leaf.methods.setdefault("HEAD", leaf.methods["GET"])

    def entries(self) -> Iterator[RouteEntry]:
        """Yield every route once, in the order of declaration."""
        for leaf in self._leaves.values():
            yield from (entry for method, entry in leaf.methods.items() if method == entry.method)

    def find(self, path: str, method: str) -> tuple[RouteEntry, dict[str, Any]] | None:
        """Return the route of a path and method with its path parameters, None when none fits."""
        leaf = self.static.get(path)
        if leaf is not None and (entry := leaf.methods.get(method)) is not None:
            return entry, {}
        for leaf in self._walk(path):
            entry = leaf.methods.get(method)
            if entry is not None and (params := leaf.params_of(path)) is not None:
                return entry, params
        return None

    def allowed(self, path: str) -> tuple[str, ...]:
        """Return the methods of all routes on a path, empty when there is no route."""
        leaves = [leaf for leaf in self._walk(path) if leaf.params_of(path) is not None]
        methods = {m for leaf in leaves for m in leaf.methods}
        return tuple(sorted(methods | {"OPTIONS"})) if methods else ()

    def _walk(self, path: str) -> Iterator[Leaf]:
        if (leaf := self.static.get(path)) is not None:
            yield leaf
        yield from _descend(self._root, path.split("/")[1:], 0)

    def _add(self, entry: RouteEntry) -> None:
        leaf = self._leaves.get(entry.template)
        if leaf is None:
            regex, _, convertors = compile_path(entry.template)
            leaf = self._leaves[entry.template] = Leaf(entry.template, regex, convertors)
            if convertors:
                _plant(self._root, leaf)
            else:
                self.static[entry.template] = leaf
        leaf.methods[entry.method] = entry


def _plant(root: Node, leaf: Leaf) -> None:
    node = root
    for segment in leaf.template.split("/")[1:]:
        if re.search(r"\{[^}]*:path\}", segment):
            node.rests.append(leaf)
            return
        node = _child(node, segment)
    node.leaf = leaf


def _child(node: Node, segment: str) -> Node:
    if "{" not in segment:
        return node.literals.setdefault(segment, Node())
    if re.fullmatch(r"\{[^:}]+\}", segment):
        node.any = node.any or Node()
        return node.any
    regex, _, _ = compile_path(segment)
    for known, child in node.patterns:
        if known.pattern == regex.pattern:
            return child
    node.patterns.append((regex, child := Node()))
    return child


def _descend(node: Node, segments: list[str], at: int) -> Iterator[Leaf]:
    """Yield the leaves that fit, the most specific first."""
    if at == len(segments):
        if node.leaf is not None:
            yield node.leaf
        return
    segment = segments[at]
    if (child := node.literals.get(segment)) is not None:
        yield from _descend(child, segments, at + 1)
    for pattern, child in node.patterns:
        if pattern.match(segment):
            yield from _descend(child, segments, at + 1)
    if node.any is not None and segment:
        yield from _descend(node.any, segments, at + 1)
    yield from node.rests
