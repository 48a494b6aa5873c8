"""The registry of middleware: what a request passes, in order, and what turns each stage on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aurum_app.composition import Composition
from aurum_app.middleware.access_log import AccessLogging
from aurum_app.middleware.authentication import Authentication
from aurum_app.middleware.body import Body
from aurum_app.middleware.cache import Cache
from aurum_app.middleware.chain import Chain
from aurum_app.middleware.cors import Cors
from aurum_app.middleware.deadline import DeadlineSetter
from aurum_app.middleware.dispatch import Dispatch
from aurum_app.middleware.errors import Errors
from aurum_app.middleware.handler import Handler
from aurum_app.middleware.limiter import Limiter
from aurum_app.middleware.metrics import Metrics
from aurum_app.middleware.policy import PolicyCheck
from aurum_app.middleware.request_id import RequestId
from aurum_app.middleware.span import Span
from aurum_app.middleware.stage import Stage
from aurum_core.settings import AurumSettings

__all__ = ["MIDDLEWARE", "Chain", "Declaration", "Stage", "build_chain", "enabled_middleware"]


def _always(settings: AurumSettings) -> bool:  # noqa: ARG001 - a toggle's signature
    return True


@dataclass(frozen=True, slots=True)
class Declaration:
    """One stage: its name, how it is built, and whether the settings want it."""

    name: str
    build: Callable[[Composition], Stage]
    enabled: Callable[[AurumSettings], bool] = _always


MIDDLEWARE: tuple[Declaration, ...] = (
    Declaration("cors", lambda c: Cors(c.settings.api), enabled=lambda s: bool(s.api.cors_origins)),
    Declaration("request_id", lambda _: RequestId()),
    Declaration(
        "span",
        lambda c: Span(c.settings.telemetry),
        enabled=lambda s: s.telemetry.traces_enabled and s.telemetry.otlp_endpoint is not None,
    ),
    Declaration(
        "access_log",
        lambda c: AccessLogging(c.access),
        enabled=lambda s: s.log.level in {"debug", "info"},
    ),
    Declaration(
        "metrics", lambda c: Metrics(c.metrics), enabled=lambda s: s.telemetry.metrics_enabled
    ),
    Declaration("errors", lambda c: Errors(c.surfaces, c.settings.auth, c.finishing.vary)),
    Declaration("dispatch", lambda c: Dispatch(c.table, c.surfaces, c.clock)),
    Declaration("authentication", lambda _: Authentication()),
    Declaration("policy", lambda _: PolicyCheck()),
    Declaration("limiter", lambda c: Limiter(c.settings, c.table)),
    Declaration(
        "cache",
        lambda c: Cache(store=c.store, finishing=c.finishing, epochs=c.epochs, codings=c.codings),
    ),
    Declaration("body", lambda c: Body(c.settings.api)),
    Declaration("deadline", lambda c: DeadlineSetter(c.settings.api)),
    Declaration(
        "handler",
        lambda c: Handler(
            store=c.store,
            finishing=c.finishing,
            epochs=c.epochs,
            codings=c.codings,
            keep=c.settings.cache.enabled,
        ),
    ),
)
"""Outermost first. Authentication, policy and limiter stand before the kept answers,
and a kept answer is replied without what stands behind them."""


def enabled_middleware(settings: AurumSettings) -> Iterator[Declaration]:
    """Yield the declarations that the settings turn on, in order."""
    return (declaration for declaration in MIDDLEWARE if declaration.enabled(settings))


def build_chain(composition: Composition) -> Chain:
    """Return the one chain of an app's stages."""
    settings = composition.settings
    stages = [declaration.build(composition) for declaration in enabled_middleware(settings)]
    return Chain(stages, idle_seconds=settings.api.export_idle_timeout_seconds)
