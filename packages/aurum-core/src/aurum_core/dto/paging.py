"""The v2 envelope: `data`, `meta`, `links`."""

from datetime import date
from typing import Any, Generic, TypeVar

from pydantic import Field

from aurum_core.dto.base import Dto

T = TypeVar("T")


class Meta(Dto):
    """What a read was: its size, what it resolved to, what it is pinned to."""

    limit: int | None = Field(None, description="rows asked for")
    returned: int = Field(description="rows in `data`")
    asof: date | None = Field(None, description="resolved as-of date, null when rows differ")
    data_version: int = Field(description="the newest load the read could see")
    source: str | None = Field(
        None, description="the one source of every row, null when several or left out by fields"
    )
    stale: bool = Field(False, description="served past its freshness because a source is down")
    details: dict[str, Any] | None = Field(None, description="what the route has to say beyond")


class Links(Dto):
    """Where this page and its neighbours are."""

    self: str
    next: str | None = None
    prev: str | None = None


class Page(Dto, Generic[T]):
    """A page of rows."""

    data: list[T]
    meta: Meta
    links: Links


class Single(Dto, Generic[T]):
    """One object."""

    data: T
    meta: Meta
    links: Links


class ProblemError(Dto):
    """One broken rule."""

    parameter: str | None = Field(None, description="the parameter, where it is one")
    pointer: str | None = Field(None, description="JSON pointer into the body, where it is one")
    rule: str
    message: str


class Problem(Dto):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[ProblemError] | None = None
    dependency: str | None = None
