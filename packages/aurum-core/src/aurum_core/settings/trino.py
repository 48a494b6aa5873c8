"""Trino: where it is, who we are there, and what we may ask of it at once."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from aurum_core.settings.base import AnyCase, Section


class TrinoSettings(Section):
    """Connection, identity and bounds; at most one of password, token and client certificate."""

    host: str | None = Field(None, description="Coordinator's host; needed for warehouse trino.")
    port: int = Field(8_080, ge=1, le=65_535, description="Coordinator's port.")
    scheme: Annotated[Literal["http", "https"], AnyCase] = Field(
        "http", description="Protocol; a password or a token needs https."
    )
    user: str = Field("aurum", min_length=1, description="User that queries run as.")
    password: SecretStr | None = Field(None, description="Password of the user.")
    token: SecretStr | None = Field(None, description="JWT to authenticate with.")
    client_cert: Path | None = Field(None, description="Client certificate, a PEM file.")
    client_key: Path | None = Field(None, description="Key of the client certificate.")
    verify_tls: bool = Field(True, description="Check the coordinator's certificate.")
    ca_file: Path | None = Field(None, description="CA bundle; unset uses the system's.")
    catalog: str = Field("iceberg", min_length=1, description="Catalog of the market schemas.")
    schema_prefix: str = Field(
        "", pattern=r"^[a-z0-9_]*$", description="Prefix of every schema name in the catalog."
    )
    source: str = Field("aurum-api", min_length=1, description="Source that queries are run as.")
    connect_timeout_seconds: float = Field(
        2.0, gt=0, le=60, description="Time to reach the coordinator."
    )
    query_timeout_seconds: float = Field(
        10.0, gt=0, le=3_600, description="Longest query; the request's deadline may be sooner."
    )
    max_concurrent: int = Field(16, ge=1, le=1_000, description="Interactive queries at a time.")
    export_concurrent: int = Field(4, ge=1, le=1_000, description="Export queries at a time.")
