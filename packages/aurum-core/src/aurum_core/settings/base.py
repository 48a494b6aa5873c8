"""What every section shares: the frozen base model and the types of values that arrive as text."""

import json
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


class Section(BaseModel):
    """A frozen group of settings; an unknown field is an error, and errors never show the input."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        allow_inf_nan=False,
        str_strip_whitespace=True,
    )


def split_list(value: object) -> object:
    """Split "a, b" (or a JSON list in text); leave every other value as it is."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return _json_list(value)
    return tuple(part for piece in value.split(",") if (part := piece.strip()))


def _json_list(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        raise ValueError("must be a list by comma, or a JSON list") from None


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def _http_url(value: str) -> str:
    if "@" in value:
        raise ValueError("must not carry a user or a password")
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("must be an http or https URL")
    return value


FromText = BeforeValidator(split_list)
AnyCase = BeforeValidator(_lower)

CommaList = Annotated[tuple[str, ...], FromText]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Ttl = Annotated[int, Field(ge=0, le=31_536_000)]
