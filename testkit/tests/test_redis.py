"""A Redis of our own is ready when yielded, also behind a password, and gone afterwards."""

import pytest

from aurum_testkit import redis
from aurum_testkit.redis import answers_ping, any_redis, ask, redis_server


def test_a_server_answers_and_is_gone_afterwards():
    with redis_server() as one:
        assert ask(one.server, b"SET", b"a", b"1") == b"+OK\r\n"
        assert ask(one.server, b"GET", b"a") == b"$1\r\n1\r\n"
    assert not answers_ping(one.server)


def test_a_password_does_not_keep_it_from_being_ready():
    with redis_server(password="hush") as one:
        assert ask(one.server, b"GET", b"a").startswith(b"-NOAUTH")
        assert one.url == f"redis://:hush@127.0.0.1:{one.port}"


def test_frozen_is_silent_and_thawed_answers():
    with redis_server() as one:
        with one.frozen():
            assert ask(one.server, b"PING", seconds=0.2) == b""
        assert answers_ping(one.server)


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AURUM_TEST_REDIS_URL", "redis://elsewhere:1")
    with any_redis() as url:
        assert url == "redis://elsewhere:1"


def without_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis, "_wheel_binary", lambda: None)
    monkeypatch.setenv("PATH", "")


def test_none_at_all_skips_with_a_reason(monkeypatch: pytest.MonkeyPatch):
    without_any(monkeypatch)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="AURUM_TEST_REDIS_URL"):
        redis.require_redis_binary()


def test_none_at_all_fails_in_ci(monkeypatch: pytest.MonkeyPatch):
    without_any(monkeypatch)
    monkeypatch.setenv("CI", "1")
    with pytest.raises(pytest.fail.Exception, match="not skipped"):
        redis.require_redis_binary()
