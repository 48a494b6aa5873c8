"""Every request has an id: the client's own where it is plain, else one of ours."""

import random
import re
from typing import Final

from aurum_app.call import Call
from aurum_app.middleware.stage import Stage

PLAIN: Final = re.compile(rb"[A-Za-z0-9._-]{1,128}")


class RequestId(Stage):
    """Names the call and echoes the name on its reply, whatever that will be."""

    def __init__(self) -> None:
        self._random = random.Random()  # noqa: S311 - a name, not a secret

    def enter(self, call: Call) -> None:
        """Take the client's id if it cannot hurt a header or a log line."""
        given = call.headers.get(b"x-request-id")
        if given is None or PLAIN.fullmatch(given) is None:
            given = b"%032x" % self._random.getrandbits(128)
        call.request_id = given.decode()
        call.extra.append((b"x-request-id", given))
