"""Driver errors become core errors here, never above; and what each says about the server."""

from collections.abc import Iterator
from contextlib import contextmanager

from aurum_core.errors import AurumError, OverloadedError, UnavailableError
from aurum_dao.policies.breaker import Verdict

REDIS = "redis"
TROUBLE = ("LOADING", "READONLY", "OOM", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MISCONF", "BUSY")
"""How a server begins an error reply that says it cannot serve now."""


class RedisFaultError(AurumError):
    """The server refused a command of ours: a fault of this house or of what lies at the key."""


class RedisUnreachableError(UnavailableError):
    """Nothing was heard of the server, or nothing that could be understood."""


@contextmanager
def redis_errors() -> Iterator[None]:
    """Turn what the driver raises into an error of the core's tree."""
    from redis.exceptions import ConnectionError as NotConnected
    from redis.exceptions import DataError, ResponseError

    try:
        yield
    except (AurumError, DataError):
        raise
    except NotConnected as error:
        raise RedisUnreachableError(REDIS) from error
    except ResponseError as error:
        if is_trouble(error):
            raise UnavailableError(REDIS) from error
        raise RedisFaultError from error
    except Exception as error:  # a garbled reply raises whatever the parser stumbled over
        raise RedisUnreachableError(REDIS) from error


def is_trouble(error: Exception) -> bool:
    """Whether an error reply is about the server's state and not about our command."""
    from redis.exceptions import (
        ClusterDownError,
        MasterDownError,
        OutOfMemoryError,
        ReadOnlyError,
        TryAgainError,
    )

    known = (ClusterDownError, MasterDownError, OutOfMemoryError, ReadOnlyError, TryAgainError)
    return isinstance(error, known) or str(error).startswith(TROUBLE)


def judge(error: BaseException) -> Verdict:
    """Judge for the breaker; silence counts as not connected, so a few calls are enough."""
    if isinstance(error, RedisUnreachableError):
        return Verdict.UNREACHABLE
    if isinstance(error, UnavailableError) and not isinstance(error, OverloadedError):
        return Verdict.FAILED
    if isinstance(error, RedisFaultError):
        return Verdict.ANSWERED
    return Verdict.UNKNOWN  # cancelled, out of time, or our own lack of slots
