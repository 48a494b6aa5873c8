"""Strings that break parsers, statements, headers, paths and logs, each with a name for its test.

None of them may ever give a 5xx, reach a statement unbound, split a header or come back unescaped.
"""

from collections.abc import Mapping
from types import MappingProxyType

HOSTILE: Mapping[str, str] = MappingProxyType(
    {
        "empty": "",
        "blank": " ",
        "tab": "\t",
        "quote": "'",
        "double-quote": '"',
        "backquote": "`",
        "backslash": "\\",
        "sql-or": "' OR '1'='1",
        "sql-comment": "x'; DROP TABLE curves; --",
        "sql-union": "1 UNION SELECT NULL, NULL",
        "sql-like": "%_%",
        "sql-hex": "0x27",
        "semicolon": "a;b",
        "nul": "a\x00b",
        "crlf": "a\r\nSet-Cookie: planted=1",
        "encoded-crlf": "a%0d%0aSet-Cookie:%20planted=1",
        "escape": "\x1b[31mred\x1b[0m",
        "bell": "\x07",
        "delete": "\x7f",
        "next-line": "a\x85b",
        "line-separator": "a\u2028b",
        "byte-order-mark": "\ufeffcurve",
        "right-to-left": "\u202etxt.exe",
        "zero-width": "cu\u200brve",
        "combining": "e\u0301" * 64,
        "astral": "\U0001d538\U0001d54c",
        "flag": "🇩🇪" * 16,
        "sharp-s": "STRASSE straße",
        "dotless-i": "İı",
        "fullwidth-digits": "１２３",  # noqa: RUF001
        "arabic-digits": "١٢٣",
        "traversal": "../../../../etc/passwd",
        "encoded-traversal": "..%2f..%2fetc%2fpasswd",
        "windows-path": "..\\..\\windows\\win.ini",
        "markup": "<script>alert(1)</script>",
        "template": "{{7*7}}${7*7}#{7*7}",
        "format": "{0.__class__}%s%n",
        "shell": "$(id)`id`|id&",
        "log4j": "${jndi:ldap://127.0.0.1/a}",
        "formula": "=1+1",
        "formula-at": "@SUM(1)",
        "formula-minus": "-2+3",
        "json": '{"a": [1, "b"]}',
        "nan": "NaN",
        "infinity": "-Infinity",
        "huge-exponent": "1e400",
        "huge-integer": "9" * 400,
        "negative-zero": "-0",
        "leading-zeros": "0000001",
        "underscored": "1_000",
        "signed": "+1",
        "not-a-date": "2024-02-30",
        "year-zero": "0000-01-01",
        "far-year": "99999-12-31",
        "datetime-for-date": "2024-01-01T00:00:00Z",
        "week-date": "2024-W01-1",
        "null-word": "null",
        "none-word": "None",
        "true-word": "true",
        "redos": "a" * 64 + "!",
        "long": "x" * 5_000,
        "percent": "100%",
        "bad-percent": "%zz",
        "overlong": "%c0%ae",
        "proto": "__proto__",
        "dunder": "__class__",
        "star": "*",
        "comma-list": ",,,",
    }
)
"""By name, for `pytest.mark.parametrize(..., HOSTILE.values(), ids=HOSTILE.keys())`."""

HEADER_SAFE: Mapping[str, str] = MappingProxyType(
    {
        name: text
        for name, text in HOSTILE.items()
        if text.isprintable() and text.isascii() and text == text.strip()
    }
)
"""Those that an HTTP client will put into a header field as they are."""
