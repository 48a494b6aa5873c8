"""Tags, 304, HEAD, codings, freshness: what a client may keep and how it asks again."""

import gzip

import pytest
import zstandard

from aurum_core.settings import AurumSettings, AuthSettings, CacheSettings

THINGS = "/v2/things"


def test_a_kept_answer_is_the_first_answer(edge):
    first, second = edge.client.get(THINGS), edge.client.get(THINGS)
    assert edge.services.calls == 1
    assert first.content == second.content
    different = {"x-request-id"}
    assert {k: v for k, v in first.headers.items() if k not in different} == {
        k: v for k, v in second.headers.items() if k not in different
    }


def test_a_new_load_makes_a_new_answer_and_tag(edge):
    old = edge.client.get(THINGS).headers["etag"]
    edge.services.version = 8
    assert edge.client.get(THINGS).headers["etag"] != old
    assert edge.services.calls == 2


def test_a_new_business_date_makes_a_new_tag(edge):
    old = edge.client.get(THINGS).headers["etag"]
    edge.services.clock.instant = edge.services.clock.instant.replace(day=3)
    assert edge.client.get(THINGS).headers["etag"] != old


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_if_none_match_takes_lists_weak_tags_and_star(edge, form):
    tag = edge.client.get(THINGS).headers["etag"]
    reply = edge.client.get(THINGS, headers={"If-None-Match": form.format(tag)})
    assert reply.status_code == 304
    assert reply.content == b""
    assert edge.services.calls == 1


def test_304_carries_what_a_cache_needs(edge):
    found = edge.client.get(THINGS)
    reply = edge.client.get(THINGS, headers={"If-None-Match": found.headers["etag"]})
    for name in ("etag", "cache-control", "vary", "x-api-version", "ratelimit"):
        assert reply.headers[name] == found.headers[name], name
    assert reply.headers["x-request-id"]
    assert "content-length" not in reply.headers


def test_a_matching_tag_is_answered_before_any_query(start):
    first, second = start(), start()
    tag = first.client.get(THINGS).headers["etag"]
    reply = second.client.get(THINGS, headers={"If-None-Match": tag})
    assert (reply.status_code, reply.headers["etag"]) == (304, tag)
    assert second.services.calls == 0


def test_star_does_not_match_before_the_answer_is_known(edge):
    reply = edge.client.get(f"{THINGS}?limit=x", headers={"If-None-Match": "*"})
    assert reply.status_code == 422


def test_head_is_get_without_the_body(edge):
    found, head = edge.client.get(THINGS), edge.client.head(THINGS)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-length", "content-type", "cache-control", "vary"):
        assert head.headers[name] == found.headers[name]


@pytest.mark.parametrize(
    ("accepted", "coding", "decode"),
    [
        ("zstd, gzip", "zstd", lambda b: zstandard.ZstdDecompressor().decompress(b)),
        ("gzip, deflate", "gzip", gzip.decompress),
        ("gzip;q=1.0, zstd;q=0", "gzip", gzip.decompress),
    ],
)
def test_each_coding_has_its_own_bytes_and_tag(edge, accepted, coding, decode):
    plain = edge.client.get(THINGS)
    with edge.client.stream("GET", THINGS, headers={"Accept-Encoding": accepted}) as coded:
        raw = b"".join(coded.iter_raw())
    assert coded.headers["content-encoding"] == coding
    assert decode(raw) == plain.content
    assert int(coded.headers["content-length"]) == len(raw) < len(plain.content)
    assert coded.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in coded.headers["vary"]
    unchanged = edge.client.get(
        THINGS, headers={"Accept-Encoding": accepted, "If-None-Match": coded.headers["etag"]}
    )
    assert unchanged.status_code == 304
    assert edge.services.calls == 1


def test_small_answers_are_not_compressed(edge):
    reply = edge.client.get(f"{THINGS}/one", headers={"Accept-Encoding": "zstd"})
    assert "content-encoding" not in reply.headers


def test_an_own_tag_is_served_and_writers_see_the_plain_one(edge):
    assert edge.client.get(f"{THINGS}/one").headers["etag"] == '"thing-1"'
    reply = edge.client.post(THINGS, json={}, headers={"If-Match": '"thing-1-zstd"'})
    assert reply.json()["if_match"] == '"thing-1"'


@pytest.mark.parametrize(
    ("path", "control"),
    [
        (THINGS, "public, max-age=120, stale-while-revalidate=60, stale-if-error=360"),
        ("/v1/things", "public, max-age=60, stale-while-revalidate=30, stale-if-error=180"),
        (f"{THINGS}/pinned", "public, max-age=604800, immutable"),
        (f"{THINGS}/one", "private, no-cache"),
        (f"{THINGS}/export", "no-store"),
        (f"{THINGS}/none", "no-store"),
        ("/livez", "no-store"),
    ],
)
def test_freshness_by_family(edge, path, control):
    assert edge.client.get(path).headers["cache-control"] == control


def test_a_family_without_lifetime_is_asked_every_time(start):
    edge = start(AurumSettings(cache=CacheSettings(curve_ttl_seconds=0)))
    assert edge.client.get(THINGS).headers["cache-control"] == "public, no-cache"
    edge.client.get(THINGS)
    assert edge.services.calls == 2


def test_a_cache_that_is_off_keeps_nothing_but_tags_still_match(start):
    edge = start(AurumSettings(cache=CacheSettings(enabled=False)))
    tag = edge.client.get(THINGS).headers["etag"]
    edge.client.get(THINGS)
    assert edge.services.calls == 2
    assert edge.client.get(THINGS, headers={"If-None-Match": tag}).status_code == 304
    assert edge.services.calls == 2


def test_a_metered_body_names_each_request(edge):
    first = edge.client.get("/v1/things", headers={"X-Request-Id": "one"})
    second = edge.client.get(
        "/v1/things", headers={"X-Request-Id": "two", "Accept-Encoding": "gzip"}
    )
    assert [r.json()["meta"]["request_id"] for r in (first, second)] == ["one", "two"]
    assert isinstance(second.json()["meta"]["query_time_ms"], int)
    assert second.headers["content-encoding"] == "gzip"
    assert edge.services.calls == 1
    tag = first.headers["etag"]
    assert edge.client.get("/v1/things", headers={"If-None-Match": tag}).status_code == 304
    assert edge.client.get("/v1/things", headers={"If-None-Match": tag[1:-1]}).status_code == 304


def test_a_source_that_is_down_leaves_the_stale_answer(edge, monkeypatch):
    edge.client.get(THINGS)
    edge.services.failing = True
    edge.services.version = 8
    reply = edge.client.get(THINGS)
    assert reply.status_code == 200
    assert reply.json()["meta"]["stale"] is True
    assert "stale-if-error" in reply.headers["cache-status"]
    assert int(reply.headers["age"]) >= 0
    assert "etag" not in reply.headers
    refused = edge.client.get(THINGS, headers={"Cache-Control": "no-cache"})
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "3"


def test_the_store_forgets_by_bytes(start):
    edge = start(AurumSettings(cache=CacheSettings(local_max_bytes=8_000)))
    for limit in range(5):
        edge.client.get(f"{THINGS}?limit={limit}")
    store = edge.app.state.composition.store
    assert 0 < store.bytes <= 8_000
    edge.client.get(f"{THINGS}?limit=4")
    assert edge.services.calls == 5
    edge.client.get(f"{THINGS}?limit=0")
    assert edge.services.calls == 6


def test_json_and_anything_are_one_answer_other_types_their_own(edge):
    for accept in ("*/*", "application/json", "application/json, */*", "text/csv", "text/csv"):
        edge.client.get(THINGS, headers={"Accept": accept})
    assert edge.services.calls == 2


def test_a_route_of_another_type_keeps_who_asked_for_json_apart(edge):
    for accept in ("*/*", "application/json"):
        edge.client.get(f"{THINGS}/tile.png", headers={"Accept": accept})
    assert edge.services.calls == 2


def test_modes_with_credentials_are_refused_for_now():
    from aurum_app.factory import create_app
    from aurum_app.surfaces import CompositionError

    with pytest.raises(CompositionError, match="not available yet"):
        create_app(AurumSettings(auth=AuthSettings(mode="api-key")))
