"""Parameters as a client can really send them: no null, no defaults of another type, examples."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from aurum_app.openapi.components import Part

BOUNDS: Final = MappingProxyType(
    {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
)
"""What pydantic leaves of a bound on a type with a schema of its own, and JSON Schema's word."""


def clean_parameters(parameters: list[Part], examples: Mapping[str, object]) -> None:
    """Correct the schemas in place and give the named parameters their examples."""
    for parameter in parameters:
        schema = parameter["schema"] = clean_schema(parameter["schema"])
        if schema.get("type") == "string" and not isinstance(schema.get("default", ""), str):
            del schema["default"]
        if parameter.get("description") == schema.get("description"):
            schema.pop("description", None)
        if parameter["name"] in examples:
            parameter["example"] = examples[parameter["name"]]


def clean_schema(schema: Part) -> Part:
    """Return a parameter's schema without null, title, and words that JSON Schema does not have."""
    cleaned = {BOUNDS.get(k, k): v for k, v in schema.items() if k not in {"title", "anyOf"}}
    if cleaned.get("default", "") is None:
        del cleaned["default"]
    choices = [clean_schema(choice) for choice in _choices(schema)]
    if len(choices) == 1:
        return choices[0] | cleaned
    return cleaned | {"anyOf": choices} if choices else cleaned


def _choices(schema: Mapping[str, Any]) -> Iterator[Part]:
    """Yield the alternatives, nested ones as if they stood beside each other, without null."""
    for choice in schema.get("anyOf", ()):
        if set(choice) == {"anyOf"}:
            yield from _choices(choice)
        elif choice != {"type": "null"}:
            yield choice
