"""`aurum version`."""

from aurum_app.cli.terminal import out


def version() -> None:
    """Print the versions of the six packages and of what they stand on."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    names = ("aurum-app", "aurum-api-v2", "aurum-api-v1", "aurum-services", "aurum-dao")
    for name in (*names, "aurum-core", "fastapi", "uvicorn", "duckdb"):
        try:
            out().print(f"{name} {version_of(name)}")
        except PackageNotFoundError:
            out().print(f"{name} not installed")
