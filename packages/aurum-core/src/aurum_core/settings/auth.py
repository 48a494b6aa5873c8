"""Authentication: the mode, the issuer, the trusted proxies, and who gets which role."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal

from pydantic import Field

from aurum_core.settings.base import AnyCase, CommaList, FromText, HeaderName, HttpUrl, Section

AuthMode = Literal["none", "api-key", "oidc", "forwarded"]
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]


class AuthSettings(Section):
    """Mode and details of authentication; roles go by exact claim values, never by substring."""

    mode: Annotated[AuthMode | None, AnyCase] = Field(
        None, description="none, api-key, oidc or forwarded; unset is refused off loopback."
    )

    api_key_header: HeaderName = Field("X-API-Key", description="Header of an API key.")
    api_key_refresh_seconds: float = Field(
        30.0, gt=0, le=3_600, description="How often the keys held in process are read again."
    )

    oidc_issuer: HttpUrl | None = Field(None, description="Exact `iss` of accepted tokens.")
    oidc_audience: str | None = Field(None, min_length=1, description="`aud` of accepted tokens.")
    oidc_jwks_url: HttpUrl | None = Field(
        None, description="Address of the issuer's keys; https, except to loopback in development."
    )
    oidc_private_hosts: CommaList = Field(
        (), description="Hosts of keys that may resolve to a private address, by comma."
    )
    jwks_refresh_seconds: float = Field(
        30.0, ge=1, le=86_400, description="Least time between two fetches for an unknown key."
    )
    jwks_max_age_seconds: float = Field(
        86_400.0, ge=60, le=604_800, description="How long keys are good while the issuer is down."
    )
    jwt_algorithms: Annotated[tuple[Algorithm, ...], FromText] = Field(
        ("RS256", "ES256", "EdDSA"), min_length=1, description="Accepted signatures, by comma."
    )
    jwt_types: CommaList = Field(
        ("at+jwt", "application/at+jwt"),
        description="Accepted `typ` headers, by comma.",
    )
    jwt_require_type: bool = Field(
        True, description="Refuse a token without `typ`; off for issuers that omit it."
    )
    jwt_leeway_seconds: float = Field(
        30.0, ge=0, le=300, description="Clock difference that is forgiven."
    )
    jwt_max_lifetime_seconds: int = Field(
        86_400, ge=60, le=604_800, description="Longest time from `iat` to `exp`."
    )
    jwt_max_bytes: int = Field(8_192, ge=512, le=65_536, description="Longest token.")

    forwarded_user_header: HeaderName = Field(
        "X-Forwarded-User", description="Header in which a trusted proxy names the user."
    )
    forwarded_claims_header: HeaderName = Field(
        "X-Forwarded-Claims", description="Header in which a trusted proxy gives the claims."
    )
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], FromText] = Field(
        (), description="Addresses or networks of proxies whose headers are believed, by comma."
    )

    tenant_claim: str = Field("tenant", min_length=1, description="Claim that holds the tenant.")
    groups_claim: str = Field("groups", min_length=1, description="Claim that holds the groups.")
    default_role: Annotated[Literal["reader", "none"], AnyCase] = Field(
        "reader", description="Role of a verified principal that no group below names."
    )
    reader_groups: CommaList = Field((), description="Groups with role reader, by comma.")
    analyst_groups: CommaList = Field((), description="Groups with role analyst, by comma.")
    trader_groups: CommaList = Field((), description="Groups with role trader, by comma.")
    service_groups: CommaList = Field((), description="Groups with role service, by comma.")
    admin_groups: CommaList = Field((), description="Groups with role admin, by comma.")
    platform_admin_groups: CommaList = Field(
        (), description="Groups with role platform_admin, by comma."
    )
