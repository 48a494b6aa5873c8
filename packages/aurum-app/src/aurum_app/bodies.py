"""Request bodies before anybody reads them: strict JSON within bounds."""

import json
from collections.abc import Iterable
from typing import Any, Final, NoReturn

from aurum_core.errors import MalformedInputError, RuleError, Violation

LARGEST: Final = 2**63
INT_DIGITS: Final = 20


class _RefusedError(ValueError):
    """Stops the decoder with a public sentence."""


def check_json(raw: bytes, *, max_depth: int, max_items: int) -> None:
    """Check that the bytes are JSON that every reader understands alike.

    Raises:
        MalformedInputError: not UTF-8, not JSON, a name twice, NaN, infinity or a number beyond
            doubles, half a surrogate pair.
        RuleError: too deep, too many items, an integer over 64 bits, a NUL character.
    """
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise MalformedInputError("The body is not UTF-8.") from None
    except _RefusedError as error:
        raise MalformedInputError(str(error)) from None
    except RecursionError:
        raise _broken("depth", f"is nested deeper than {max_depth} levels") from None
    except ValueError:
        raise MalformedInputError("The body is not valid JSON.") from None
    _walk(value, max_depth, max_items)


def _walk(value: Any, max_depth: int, max_items: int) -> None:  # noqa: ANN401 - decoded JSON
    level: list[Any] = [value]
    depth = 0
    while level:
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                _check_texts(item)
                below.extend(item.values())
            elif isinstance(item, list):
                if len(item) > max_items:
                    raise _broken("items", f"has an array of more than {max_items} items")
                below.extend(item)
            elif isinstance(item, str):
                _check_texts((item,))
            elif type(item) is int and not -LARGEST <= item < LARGEST:
                raise _broken("integer", "has an integer of more than 64 bits")
        if any(isinstance(item, dict | list) for item in level):
            depth += 1
        if depth > max_depth:
            raise _broken("depth", f"is nested deeper than {max_depth} levels")
        level = below


def _check_texts(texts: Iterable[str]) -> None:
    for text in texts:
        if "\x00" in text:
            raise _broken("text", "has a NUL character")
        if not text.isascii() and not _is_whole(text):
            raise MalformedInputError("The body has half of a surrogate pair.")


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _broken(rule: str, message: str) -> RuleError:
    return RuleError([Violation("body", "", rule, message)])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _RefusedError("The body names a member twice.")
    return found


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _RefusedError("The body has a number out of range.")
    return number


def _int(text: str) -> int:
    return int(text) if len(text) <= INT_DIGITS else LARGEST


def _constant(text: str) -> NoReturn:  # noqa: ARG001 - the decoder's hook
    raise _RefusedError("The body has a number that JSON does not know.")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_float, parse_int=_int, parse_constant=_constant
)
