"""Driver errors become core errors here, never above."""

from collections.abc import Iterator
from contextlib import contextmanager

from aurum_core.errors import AurumError, DeadlineError, OverloadedError, UnavailableError

WAREHOUSE = "warehouse"


class WarehouseFaultError(AurumError):
    """The engine refused a statement of ours: a fault of this house, not of the client."""


@contextmanager
def read_errors() -> Iterator[None]:
    """Turn what the engine raises while reading into an error of the core's tree."""
    import duckdb

    try:
        yield
    except duckdb.InterruptException as error:
        raise DeadlineError from error
    except duckdb.OutOfMemoryException as error:
        raise OverloadedError(WAREHOUSE, "The read does not fit the memory limit.") from error
    except (duckdb.OperationalError, duckdb.PermissionException, OSError) as error:
        raise UnavailableError(WAREHOUSE) from error
    except duckdb.Error as error:
        raise WarehouseFaultError from error
