"""What lies in Redis and what is said over it proves itself; what the driver raises is judged."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aurum_core.auth import TenantId
from aurum_core.errors import DeadlineError, OverloadedError, UnavailableError
from aurum_dao.adapters.redis.errors import (
    RedisFaultError,
    RedisUnreachableError,
    judge,
    redis_errors,
)
from aurum_dao.adapters.redis.invalidation import decode_message, encode_message
from aurum_dao.adapters.redis.values import (
    PoisonedValueError,
    StoredValue,
    decode_value,
    encode_value,
    hash_of,
)
from aurum_dao.policies.breaker import Verdict
from aurum_dao.ports.cache import PUBLIC, CacheKey, TenantScope
from aurum_dao.ports.invalidation import EVERYTHING, Invalidation

scopes = st.one_of(st.just(PUBLIC), st.text(min_size=1, max_size=9).map(TenantId).map(TenantScope))
domains = st.from_regex(r"[a-z][a-z0-9_.-]{0,9}", fullmatch=True)
keys = st.builds(CacheKey, scopes, domains, st.text(max_size=20))
instants = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy's shape
stored = st.builds(StoredValue, st.binary(max_size=99), instants, instants, instants)


@given(keys, stored)
def test_a_value_comes_back_as_it_was(key, value):
    assert decode_value(key, encode_value(key, value)) == value


@given(keys, stored, st.data())
def test_no_changed_byte_goes_unseen(key, value, data):
    whole = bytearray(encode_value(key, value))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(PoisonedValueError):
        decode_value(key, bytes(whole))


@given(keys, stored, st.data())
def test_no_shortened_value_goes_unseen(key, value, data):
    whole = encode_value(key, value)
    with pytest.raises(PoisonedValueError):
        decode_value(key, whole[: data.draw(st.integers(0, len(whole) - 1))])


@given(keys, keys, stored)
def test_a_value_under_another_key_is_refused(key, other, value):
    if key == other:
        return
    assert hash_of(key) != hash_of(other)
    with pytest.raises(PoisonedValueError, match="key"):
        decode_value(other, encode_value(key, value))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_and_nothing_else_is_raised(data):
    with pytest.raises(PoisonedValueError):
        decode_value(CacheKey(PUBLIC, "curves", "k"), data)


messages = st.one_of(
    st.just(EVERYTHING),
    st.builds(Invalidation, domains, st.one_of(st.none(), scopes)),
    st.builds(Invalidation, domains, scopes, st.text(max_size=20)),
)


@given(messages)
def test_a_message_comes_back_as_it_was(message):
    assert decode_message(encode_message(message)) == message


@given(st.one_of(st.binary(max_size=99), st.text(max_size=99).map(str.encode)))
def test_any_message_is_understood_or_not_and_never_raises(data):
    assert decode_message(data) is None


def test_what_the_driver_raises_is_judged():
    errors = pytest.importorskip("redis.exceptions", reason="the driver is aurum-dao[redis]")
    for raised, wanted, verdict in (
        (errors.ConnectionError("x"), RedisUnreachableError, Verdict.UNREACHABLE),
        (errors.AuthenticationError("x"), RedisUnreachableError, Verdict.UNREACHABLE),
        (errors.BusyLoadingError("x"), RedisUnreachableError, Verdict.UNREACHABLE),
        (errors.TimeoutError("x"), RedisUnreachableError, Verdict.UNREACHABLE),
        (errors.InvalidResponse("x"), RedisUnreachableError, Verdict.UNREACHABLE),
        (ValueError("invalid literal for int()"), RedisUnreachableError, Verdict.UNREACHABLE),
        (ConnectionResetError(), RedisUnreachableError, Verdict.UNREACHABLE),
        (errors.OutOfMemoryError("x"), UnavailableError, Verdict.FAILED),
        (errors.ReadOnlyError("x"), UnavailableError, Verdict.FAILED),
        (errors.ResponseError("MISCONF x"), UnavailableError, Verdict.FAILED),
        (errors.ResponseError("WRONGTYPE x"), RedisFaultError, Verdict.ANSWERED),
        (errors.NoPermissionError("x"), RedisFaultError, Verdict.ANSWERED),
        (OverloadedError("redis"), OverloadedError, Verdict.UNKNOWN),
        (DeadlineError(), DeadlineError, Verdict.UNKNOWN),
        (asyncio.CancelledError(), asyncio.CancelledError, Verdict.UNKNOWN),
    ):
        with pytest.raises(wanted) as caught, redis_errors():
            raise raised
        assert type(caught.value) is wanted
        assert judge(caught.value) is verdict, raised


def test_instants_are_kept_to_the_microsecond():
    at = datetime(2026, 3, 8, 6, 59, 59, 999_999, tzinfo=UTC)
    key = CacheKey(PUBLIC, "curves", "k")
    value = StoredValue(b"", at, at + timedelta(microseconds=1), at)
    assert decode_value(key, encode_value(key, value)).fresh_until.microsecond == 0
