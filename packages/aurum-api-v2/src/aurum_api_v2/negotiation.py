"""Which representation: `format=` first, else `Accept`."""

from collections.abc import Mapping

from aurum_core.errors import NotAcceptableError
from aurum_services.formats import Format


def format_of(
    name: str | None, accept: str | None, formats: Mapping[str, Format], default: Format
) -> Format:
    """Return the format that was asked for by name or by media type, best quality first.

    Raises:
        NotAcceptableError: `Accept` names none of the formats.
    """
    if name is not None:
        return formats[name]
    if not accept:
        return default
    ranges = sorted(_ranges(accept), key=lambda pair: -pair[1])
    for media_range, quality in ranges:
        if quality <= 0:
            continue
        found = _match(media_range, formats, default)
        if found is not None:
            return found
    raise NotAcceptableError(f"Served here: {', '.join(f.media_type for f in formats.values())}.")


def _match(media_range: str, formats: Mapping[str, Format], default: Format) -> Format | None:
    if media_range in ("*/*", "application/*") or media_range == default.media_type:
        return default
    kind = media_range.removesuffix("*")
    for fmt in formats.values():
        exact = fmt.media_type == media_range
        if exact or (media_range.endswith("/*") and fmt.media_type.startswith(kind)):
            return fmt
    return None


def _ranges(accept: str) -> list[tuple[str, float]]:
    found = []
    for part in accept.split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        found.append((media_range.lower(), _quality(parameters)))
    return found


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
