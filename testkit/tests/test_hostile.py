"""The hostile table is wide, and what is said to fit a header does."""

from aurum_testkit.hostile import HEADER_SAFE, HOSTILE


def test_the_table_is_wide_and_without_doubles():
    assert len(HOSTILE) >= 32
    assert len(set(HOSTILE.values())) == len(HOSTILE)


def test_every_kind_of_trouble_is_in_it():
    everything = "".join(HOSTILE.values())
    for character in "'\"\\\x00\r\n\x1b<;%\u202e\ufeff":
        assert character in everything


def test_header_safe_strings_are_printable():
    assert len(HEADER_SAFE) >= 16
    assert all(text.isascii() and text.isprintable() for text in HEADER_SAFE.values())
