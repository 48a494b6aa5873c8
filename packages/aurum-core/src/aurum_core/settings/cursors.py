"""Page cursors: the keys that sign them and how long they are good for."""

from typing import Annotated

from pydantic import Field, SecretStr

from aurum_core.settings.base import FromText, Section, Ttl

SigningKey = Annotated[SecretStr, Field(min_length=1)]


class CursorSettings(Section):
    """Signing keys and lifetime of page cursors."""

    keys: Annotated[tuple[SigningKey, ...], FromText] = Field(
        (),
        description="HMAC keys by comma: the first signs, all verify. Required in production, "
        "there with at least 32 characters each.",
    )
    ttl_seconds: Ttl = Field(86_400, ge=60, description="Lifetime of a cursor.")
