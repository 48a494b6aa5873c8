"""Log lines of the process: standard logging, one JSON object per line, named after its request.

The libraries below log through the standard module too, so there is one way out for all. Only a
program that owns its process calls `configure_logging`; composing an app never does.
"""

import logging
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from aurum_app.observability.access import write_stdout
from aurum_core.settings import LogSettings

REQUEST_ID: Final[ContextVar[str | None]] = ContextVar("aurum_request_id", default=None)
"""The id of the request that the running task works for."""
STANDARD: Final = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {
    "message",
    "asctime",
    "taskName",
}


class JsonFormatter(logging.Formatter):
    """Writes a record with its extra fields; values that JSON does not know as text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line without its end."""
        line: dict[str, Any] = {
            "timestamp": _instant(record.created),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
            "request_id": REQUEST_ID.get(),
        }
        line |= {k: v for k, v in record.__dict__.items() if k not in STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return msgspec.json.encode(_plain(line), enc_hook=str).decode()


class ConsoleFormatter(logging.Formatter):
    """Writes a record for a person."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the time of day, level, message and extra fields, a traceback below."""
        extra = {k: v for k, v in record.__dict__.items() if k not in STANDARD}
        if (request_id := REQUEST_ID.get()) is not None:
            extra.setdefault("request_id", request_id)
        parts = [_instant(record.created)[11:19], record.levelname.lower(), record.getMessage()]
        parts += [f"{name}={value}" for name, value in extra.items()]
        text = " ".join(parts).replace("\n", "\\n").replace("\r", "\\r")
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


class SinkHandler(logging.Handler):
    """Hands whole lines to a sink."""

    def __init__(self, sink: Callable[[bytes], object]) -> None:
        super().__init__()
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self._sink(f"{self.format(record)}\n".encode("utf-8", "replace"))


def configure_logging(log: LogSettings, sink: Callable[[bytes], object] = write_stdout) -> None:
    """Send every record of the process to the sink, in the form of the settings.

    Replaces the root's handlers: for a program that owns its process.
    """
    handler = SinkHandler(sink)
    handler.setFormatter(JsonFormatter() if log.format == "json" else ConsoleFormatter())
    logging.basicConfig(level=log.level.upper(), handlers=[handler], force=True)


def _instant(epoch: float) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever was logged
    """Return the value without half surrogates, which no encoder takes."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return value
