"""The base of every DTO."""

from pydantic import BaseModel, ConfigDict


class Dto(BaseModel):
    """A served value: frozen, unknown members refused when it is read back."""

    model_config = ConfigDict(frozen=True, extra="forbid")
