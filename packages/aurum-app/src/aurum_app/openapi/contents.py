"""The media types of an operation's success, from its `format` parameter."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from aurum_app.openapi.components import Part
from aurum_services.formats import FORMATS, JSON

TEXTS: Final = frozenset({"csv", "ndjson"})


def complete_contents(response: Part, parameters: list[Part]) -> None:
    """Give a success every media type that the operation can answer in, in order of preference."""
    names = tuple(_formats_in(parameters))
    if not names:
        return
    given = response.get("content", {})
    whole = given.get(JSON.media_type, {"schema": {}})
    response["content"] = {
        FORMATS[name].media_type: whole if name == JSON.name else dict(_content_of(name))
        for name in FORMATS
        if name in names
    }


def _formats_in(parameters: list[Part]) -> Iterator[str]:
    for parameter in parameters:
        if parameter["name"] == "format" and parameter["in"] == "query":
            yield from (name for name in parameter["schema"].get("enum", ()) if name in FORMATS)


def _content_of(name: str) -> Mapping[str, Any]:
    if name in TEXTS:
        return MappingProxyType({"schema": {"type": "string"}})
    if name == "columns":
        shape = {"type": "object", "description": "as JSON, `data` by column"}
        return MappingProxyType({"schema": shape})
    return MappingProxyType({"schema": {"description": "binary"}})
