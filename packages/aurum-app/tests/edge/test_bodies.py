"""Request bodies: bounds, media types, strict JSON. Never a 500."""

import pytest

from aurum_core.settings import ApiSettings, AurumSettings

THINGS = "/v2/things"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{}", 201),
        (b'{"a": [1, 2.5, "x", null, true, {"b": 1e300}]}', 201),
        (b'{"a": 9223372036854775807}', 201),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"a": NaN}', 400),
        (b'{"a": -Infinity}', 400),
        (b'{"a": 1e400}', 400),
        (b'{"a": 1, "a": 2}', 400),
        (b'{"a": {"b": 1, "b": 2}}', 400),
        (b'{"a": "\\ud800"}', 400),
        (b'{"a": "\\u0000"}', 422),
        (b'{"\\u0000": 1}', 422),
        (b'{"a": 9223372036854775808}', 422),
        (b'{"a": ' + b"9" * 5_000 + b"}", 422),
        (b'{"a": ' + b"[" * 40 + b"]" * 40 + b"}", 422),
        (b'{"a": ' + b"[" * 90_000 + b"]" * 90_000 + b"}", 422),
        (b'{"a": [' + b"1," * 10_001 + b"1]}", 422),
        (b"[]", 422),
        (b"", 422),
    ],
)
def test_json_is_strict(edge, body, status):
    reply = edge.client.post(THINGS, content=body, headers=JSON)
    assert reply.status_code == status
    if status >= 400:
        assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "", "multipart/form-data"])
def test_another_media_type_is_415(edge, media_type):
    reply = edge.client.post(THINGS, content=b"{}", headers={"Content-Type": media_type})
    assert reply.status_code == 415
    assert "application/json" in reply.json()["detail"]


def test_json_by_another_name_is_json(edge):
    headers = {"Content-Type": "application/merge-patch+json; charset=utf-8"}
    assert edge.client.post(THINGS, content=b"{}", headers=headers).status_code == 201


@pytest.mark.parametrize("coding", ["gzip", "zstd", "identity, gzip"])
def test_a_coded_body_is_415(edge, coding):
    reply = edge.client.post(THINGS, content=b"{}", headers={**JSON, "Content-Encoding": coding})
    assert reply.status_code == 415


def test_a_body_over_the_limit_is_413_declared_or_not(start):
    edge = start(AurumSettings(api=ApiSettings(max_body_bytes=1_024)))

    def chunks():
        for _ in range(10):
            yield b" " * 200

    declared = edge.client.post(THINGS, content=b" " * 2_000, headers=JSON)
    streamed = edge.client.post(THINGS, content=chunks(), headers=JSON)
    assert [declared.status_code, streamed.status_code] == [413, 413]
    assert declared.headers["content-type"] == "application/problem+json"


def test_a_length_that_is_no_number_is_400(edge):
    reply = edge.client.post(THINGS, content=b"{}", headers={**JSON, "Content-Length": "two"})
    assert reply.status_code == 400
