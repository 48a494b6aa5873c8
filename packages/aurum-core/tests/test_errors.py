"""An error is defined once: status, slug, title; its problem says no more than it may."""

import inspect

import pytest

from aurum_core import errors
from aurum_core.errors import (
    AurumError,
    MethodNotAllowedError,
    RuleError,
    UnavailableError,
    Violation,
)
from aurum_core.problem import headers_of, problem_of

CLASSES = [
    cls
    for _, cls in inspect.getmembers(errors, inspect.isclass)
    if issubclass(cls, AurumError) and cls is not AurumError
]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_has_a_status_a_slug_and_a_place_in_the_tree(cls):
    assert 400 <= cls.status < 600
    assert cls.slug == cls.slug.lower()
    assert cls.__name__ in errors.__doc__ or cls is errors.InputError
    assert cls.__name__.endswith("Error")


def test_a_problem_names_field_and_rule():
    error = RuleError(
        [
            Violation("query", "limit", "less_than_equal", "must be at most 1000"),
            Violation("body", "/name", "missing", "is required"),
        ]
    )
    problem = problem_of(error, instance="/v2/curves", request_id="r1")
    assert problem["status"] == 422
    assert problem["type"] == "/docs/errors#invalid-input"
    assert problem["errors"] == [
        {"parameter": "limit", "rule": "less_than_equal", "message": "must be at most 1000"},
        {"pointer": "/name", "rule": "missing", "message": "is required"},
    ]


def test_headers_come_from_the_class():
    assert headers_of(UnavailableError("warehouse", retry_after=3)) == {"Retry-After": "3"}
    assert headers_of(MethodNotAllowedError(["GET", "HEAD"])) == {"Allow": "GET, HEAD"}
    assert headers_of(RuleError([])) == {}
