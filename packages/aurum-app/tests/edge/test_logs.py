"""Lines of the log: one JSON object each, whatever is in it."""

import json
import logging

import pytest

from aurum_app.observability.access import AccessLog
from aurum_app.observability.logs import (
    REQUEST_ID,
    ConsoleFormatter,
    JsonFormatter,
    configure_logging,
)
from aurum_core.settings import LogSettings
from aurum_testkit.hostile import HOSTILE


def record_of(message, **extra):
    record = logging.LogRecord("aurum.test", logging.WARNING, "x.py", 1, message, (), None)
    record.__dict__.update(extra)
    return record


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_in_its_line(text):
    line = JsonFormatter().format(record_of("said", word=text))
    assert "\n" not in line
    assert json.loads(line)["event"] == "said"
    assert len(ConsoleFormatter().format(record_of("said", word=text)).split("\n")) == 1


def test_a_line_names_the_request_and_keeps_extra_fields():
    token = REQUEST_ID.set("r-1")
    try:
        line = json.loads(JsonFormatter().format(record_of("said", count=3, odd=object)))
    finally:
        REQUEST_ID.reset(token)
    assert (line["request_id"], line["count"], line["level"]) == ("r-1", 3, "warning")


def test_configured_logging_goes_to_one_sink():
    root = logging.getLogger()
    handlers, level, lines = root.handlers[:], root.level, []
    try:
        configure_logging(LogSettings(level="error"), lines.append)
        logging.getLogger("any.library").warning("not this")
        try:
            int("why")
        except ValueError:
            logging.getLogger("any.library").exception("this")
    finally:
        root.handlers[:], root.level = handlers, level
    [line] = [json.loads(line) for line in lines]
    assert line["event"] == "this"
    assert "ValueError: invalid" in line["exception"]


@pytest.mark.anyio
async def test_access_lines_are_written_in_batches_and_in_time():
    import asyncio

    written = []
    log = AccessLog(written.append, console=True)
    log.note(("id", "GET", "/a\nb", None, 200, 5, 0.0012, "hit", ("127.0.0.1", 1), None))
    assert written == []
    await asyncio.sleep(0.6)
    assert written[0].endswith(b" GET '/a\\nb' 200 5 bytes 1.2 ms hit id\n")
    for _ in range(256):
        log.note(("id", "GET", "/", None, 200, 5, 0.001, "", None, None))
    assert len(written) == 2
