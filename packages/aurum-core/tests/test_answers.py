"""A metered body is whole JSON around bytes that do not change."""

import json

from aurum_core.answers import MeteredBody
from aurum_core.auth import ANYONE, CacheFamily, Policy, Role, guard, market_data, policy_of


def test_request_id_and_time_are_written_around_the_cached_bytes():
    body = MeteredBody(b'{"meta":{"request_id":', b',"count":1},"data":[1]}')
    assert json.loads(body.render("abc-1", 12)) == {
        "meta": {"request_id": "abc-1", "query_time_ms": 12, "count": 1},
        "data": [1],
    }


def test_a_policy_admits_by_role_and_belongs_to_the_handler():
    @guard(market_data(CacheFamily.LMP))
    async def handler():
        """Do nothing."""

    assert policy_of(handler).cache is CacheFamily.LMP
    assert policy_of(test_a_policy_admits_by_role_and_belongs_to_the_handler) is None
    assert policy_of(handler).admits(ANYONE)
    assert not Policy(frozenset({Role.ADMIN})).admits(
        type(ANYONE)("x", ANYONE.tenant, frozenset({Role.READER}))
    )
    assert Policy(frozenset()).admits(type(ANYONE)("x", ANYONE.tenant, frozenset()))
