"""What the release tools decide without a repository: versions, sections, fragments' names, wheels."""

import pytest

from tools.check_wheel import is_test_file
from tools.fragments import NAME
from tools.release import ReleaseError, number_of, released_versions, section_of

CHANGELOG = """# Changelog of aurum-core

<!-- towncrier release notes start -->

## aurum-core 0.10.0 (2026-11-30)

### Added

- Ten.

## 0.9.1 (2026-11-29)

- Nine.
"""


def test_versions_are_sorted_by_number():
    assert released_versions(CHANGELOG) == ["0.10.0", "0.9.1"]
    assert number_of("0.10.0") > number_of("0.9.1")


def test_an_empty_changelog_released_nothing():
    assert released_versions("# Changelog of aurum-core\n") == []


def test_a_section_ends_where_the_next_begins():
    assert section_of(CHANGELOG, "0.10.0") == "### Added\n\n- Ten."
    assert section_of(CHANGELOG, "0.9.1") == "- Nine."


def test_a_missing_section_stops_the_release():
    with pytest.raises(ReleaseError, match=r"0\.8\.0"):
        section_of(CHANGELOG, "0.8.0")


@pytest.mark.parametrize("name", ["12.added.md", "+slug-2.fixed.md", "7.1.deprecated.md"])
def test_names_of_fragments(name: str):
    assert NAME.fullmatch(name)


@pytest.mark.parametrize("name", ["note.md", "12.new.md", "added.md", "12.added.txt"])
def test_other_names_are_refused(name: str):
    assert not NAME.fullmatch(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("aurum_dao/tests/test_a.py", True),
        ("aurum_dao/test_a.py", True),
        ("aurum_dao/conftest.py", True),
        ("aurum_dao/testing/readers.py", False),
        ("aurum_core/market/tenors.py", False),
    ],
)
def test_tests_are_recognised_in_a_wheel(name: str, *, expected: bool):
    assert is_test_file(name) is expected
