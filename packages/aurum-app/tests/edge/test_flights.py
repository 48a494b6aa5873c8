"""Many that want the same: one call of the source, and nobody waits longer than its own deadline."""

import asyncio
from contextlib import asynccontextmanager

import httpx2
import pytest

from aurum_core.settings import ApiSettings, AurumSettings

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("no_blocking")]
THINGS = "http://test/v2/things"


@asynccontextmanager
async def running(app):
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope, receive, send):
            scope["state"] = dict(state)
            await app(scope, receive, send)

        transport = httpx2.ASGITransport(with_state)
        async with httpx2.AsyncClient(transport=transport) as client:
            yield client


async def test_two_hundred_cold_requests_make_one_call(make_app):
    app, services, _ = make_app()
    services.delay = 0.02
    async with running(app) as client:
        replies = await asyncio.gather(*(client.get(THINGS) for _ in range(200)))
    assert {r.status_code for r in replies} == {200}
    assert len({r.content for r in replies}) == 1
    assert len({r.headers["x-request-id"] for r in replies}) == 200
    assert services.calls == 1


async def test_a_failure_is_shared_and_not_kept(make_app):
    app, services, _ = make_app()
    services.delay, services.failing = 0.01, True
    async with running(app) as client:
        replies = await asyncio.gather(*(client.get(THINGS) for _ in range(20)))
        assert {r.status_code for r in replies} == {503}
        assert services.calls == 1
        services.failing = False
        assert (await client.get(THINGS)).status_code == 200


async def test_different_requests_do_not_share(make_app):
    app, services, _ = make_app()
    services.delay = 0.01
    async with running(app) as client:
        urls = [f"{THINGS}?limit={n}" for n in range(5)]
        await asyncio.gather(*(client.get(url) for url in urls))
    assert services.calls == 5


async def test_the_last_to_leave_cancels_the_work(make_app):
    api = ApiSettings(request_timeout_seconds=0.05)
    app, services, _ = make_app(AurumSettings(api=api))
    services.delay = 5
    async with running(app) as client:
        replies = await asyncio.gather(*(client.get(THINGS) for _ in range(5)))
        assert {r.status_code for r in replies} == {504}
        await asyncio.sleep(0.01)
        handler = app.chain.stages[-1]
        assert handler._flights._running == {}
        left = [t for t in asyncio.all_tasks() if "_make" in repr(t) and not t.done()]
        assert left == []


async def test_a_client_that_left_ends_its_work_and_sends_nothing(make_app):
    app, services, logged = make_app()
    services.delay = 30
    sent = []
    async with app.router.lifespan_context(app) as state:
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/v2/things",
            "raw_path": b"/v2/things",
            "query_string": b"",
            "headers": [],
            "scheme": "http",
            "client": ("test", 1),
            "root_path": "",
            "state": dict(state),
        }
        messages = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]

        async def receive():
            return messages.pop(0)

        async def send(message):
            sent.append(message)

        await asyncio.wait_for(app(scope, receive, send), 2)
        app.state.composition.access.flush()
    assert sent == []
    assert b'"status":499' in logged[0]


async def test_a_root_path_is_taken_off_and_kept(make_app):
    app, _, _ = make_app()
    async with app.router.lifespan_context(app) as state:

        async def behind_proxy(scope, receive, send):
            scope["state"], scope["root_path"] = dict(state), "/api"
            await app(scope, receive, send)

        transport = httpx2.ASGITransport(behind_proxy)
        async with httpx2.AsyncClient(transport=transport) as client:
            assert (await client.get("http://test/api/v2/things")).status_code == 200
            assert (await client.get("http://test/api/latest/things")).status_code == 200
