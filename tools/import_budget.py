"""Import what an outside author uses and refuse what must not come with it.

`core`: the DTOs and errors, with pydantic alone, in a bounded multiple of pydantic's own time.
`dao`: every module of the data access, with no web framework installed.
Runs by `python -I` in an environment that holds that package; it imports nothing from here.
"""

import pkgutil
import subprocess
import sys
import time
from importlib import import_module
from importlib.util import find_spec

WEB = ("fastapi", "starlette", "uvicorn")
DRIVERS = ("duckdb", "sqlalchemy", "trino", "redis", "psycopg", "pyarrow")
DTO_MODULES = ("aurum_core.dto", "aurum_core.errors", "aurum_core.problem", "aurum_core.cursors")
PYDANTIC = "from pydantic import BaseModel; type('Row', (BaseModel,), {})"
RATIO = 2.0
ROUNDS = 7


def names_below(package: str) -> list[str]:
    """Every public module of a package, by name."""
    root = import_module(package)
    found = pkgutil.walk_packages(root.__path__, f"{package}.")
    return [package, *(one.name for one in found if "._" not in one.name)]


def seconds(code: str) -> float:
    """Best wall time of a fresh interpreter that runs the code."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-I", "-c", code], check=True)
        times.append(time.perf_counter() - start)
    return min(times)


def check_installed(*names: str) -> list[str]:
    """Name what is installed although it must not be."""
    return [f"{name} is installed: something declares it" for name in names if find_spec(name)]


def check_core() -> list[str]:
    """Import every DTO module without the settings reader, and compare with pydantic's time."""
    faults = check_installed(*WEB, *DRIVERS, "pydantic_settings")
    modules = [*DTO_MODULES, *names_below("aurum_core.dto")]
    for name in modules:
        import_module(name)
    bare = seconds("pass")
    ours = seconds("; ".join(f"import {name}" for name in modules)) - bare
    theirs = seconds(PYDANTIC) - bare
    print(f"{len(modules)} modules: {ours:.3f} s, pydantic: {theirs:.3f} s, {ours / theirs:.2f}x")
    if ours > RATIO * theirs:
        faults.append(f"the DTOs take more than {RATIO} times what pydantic takes to import")
    return faults


def check_dao() -> list[str]:
    """Import the ports first, alone, then everything that the installed extras allow."""
    faults = check_installed(*WEB)
    for name in names_below("aurum_dao.ports"):
        import_module(name)
    faults += [f"aurum_dao.ports imports {name}" for name in DRIVERS[:-1] if name in sys.modules]
    for package in ("aurum_dao.warehouse", "aurum_dao.operational", "aurum_dao.adapters.duckdb"):
        if find_spec(package):
            for name in names_below(package):
                import_module(name)
    faults += [f"aurum_dao imports {name}" for name in WEB if name in sys.modules]
    return faults


def main(what: str) -> int:
    """Run one check and report its faults."""
    faults = {"core": check_core, "dao": check_dao}[what]()
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
