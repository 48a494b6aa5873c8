"""From a bag of environment variables to values by today's names: renamed, retired, unknown."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from aurum_core.settings.renames import (
    RENAMES,
    RETIRED,
    SPLIT_DOMAINS,
    SPLIT_PREFIX,
    V1_DOMAINS,
    is_on,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one bag of variables says; `spelled` keeps the name each value came under."""

    label: str
    values: dict[str, str] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def take(self, name: str, text: str, spelled: str) -> bool:
        """Set a value unless a newer or an earlier name has set it; tell whether it did."""
        if name in self.values:
            return False
        self.values[name] = text
        self.spelled[name] = spelled
        return True

    def warn_old(self, old: str, new: str, why_ignored: str = "") -> None:
        """Note that an old name is in use, once."""
        use = f"{old} is an old name: use {new}"
        self.warnings.append(f"{use} (ignored here: {why_ignored})" if why_ignored else use)


def read_names(variables: Mapping[str, str | None], known: Collection[str], label: str) -> Reading:
    """Sort out every `AURUM_` variable; an empty one counts as unset."""
    given = {
        name: text
        for name, text in variables.items()
        if text and name.startswith("AURUM_") and not name.startswith("AURUM_TEST_")
    }
    reading = Reading(label)
    for name in known:
        if name in given:
            reading.take(name, given[name], name)
    _read_renamed(given, reading)
    _read_splits(given, reading)
    reading.warnings.extend(_retired(given))
    reading.warnings.extend(_unknown(given, known))
    return reading


def _read_renamed(given: Mapping[str, str], reading: Reading) -> None:
    for old, rename in RENAMES.items():
        if old not in given:
            continue
        try:
            value = rename.value_of(given[old])
        except ValueError as error:
            reading.problems.append(f"{old} (now {rename.name}): {error}")
            continue
        if value is None:
            reading.warn_old(old, rename.name, "this value sets nothing")
        elif reading.take(rename.name, value, old):
            if not rename.short:
                reading.warn_old(old, rename.name)
        elif rename.short:
            sets = reading.spelled[rename.name]
            reading.warnings.append(f"{old} is ignored: {sets} is set")
        else:
            reading.warn_old(old, rename.name, f"{reading.spelled[rename.name]} sets it")


def _read_splits(given: Mapping[str, str], reading: Reading) -> None:
    """Turn the old switch per v1 domain into the list of routers: all but those switched off."""
    new = "AURUM_API_V1_ROUTERS"
    left_out = set()
    for domain in SPLIT_DOMAINS:
        old = SPLIT_PREFIX + domain.upper()
        if old not in given:
            continue
        try:
            if not is_on(given[old]):
                left_out.add(domain)
        except ValueError as error:
            reading.problems.append(f"{old} (now {new}): {error}")
        reading.warn_old(old, new, f"{new} sets it" if new in reading.values else "")
    if left_out:
        routers = ",".join(name for name in V1_DOMAINS if name not in left_out)
        reading.take(new, routers, f"{SPLIT_PREFIX}*")


def _retired(given: Mapping[str, str]) -> Iterator[str]:
    for name, reason in RETIRED.items():
        if name in given:
            yield f"{name} is retired and ignored: {reason}"


def _unknown(given: Mapping[str, str], known: Collection[str]) -> Iterator[str]:
    splits = {SPLIT_PREFIX + domain.upper() for domain in SPLIT_DOMAINS}
    understood = {*known, *RENAMES, *RETIRED, *splits}
    for name in sorted(given.keys() - understood):
        near = _nearest(name, known)
        hint = f"did you mean {near}?" if near else "see `aurum config` for the names"
        yield f"{name} is not a setting and is ignored: {hint}"


def _nearest(name: str, known: Collection[str]) -> str | None:
    longer = sorted((other for other in known if other.startswith(f"{name}_")), key=len)
    return next(iter([*longer, *get_close_matches(name, known, n=1)]), None)
