"""Logging: how much, and in which form."""

from typing import Annotated, Literal

from pydantic import Field

from aurum_core.settings.base import AnyCase, Section


class LogSettings(Section):
    """Level and form of the log lines."""

    level: Annotated[Literal["debug", "info", "warning", "error", "critical"], AnyCase] = Field(
        "info", description="Lowest level that is written."
    )
    format: Annotated[Literal["json", "console"], AnyCase] = Field(
        "json", description="One JSON object per line, or lines for a person's terminal."
    )
