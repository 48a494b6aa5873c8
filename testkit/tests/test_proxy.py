"""Each fault of the proxy is what it says, at once and on connections that stand."""

import asyncio

import pytest

from aurum_testkit.proxy import GARBAGE, Fault, fault_proxy

REPLY = b"0123456789"


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(100):
        writer.write(REPLY)
        await writer.drain()
    writer.close()


async def hears(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | str:
    """What one request brings within a moment."""
    try:
        writer.write(b"?")
        await writer.drain()
        async with asyncio.timeout(0.4):
            return await reader.read(100) or "closed"
    except TimeoutError:
        return "silence"
    except OSError:
        return "closed"


HEARD = {
    Fault.NONE: REPLY,
    Fault.REFUSED: "closed",
    Fault.RESET: "closed",
    Fault.BLACK_HOLE: "silence",
    Fault.LATENCY: REPLY,
    Fault.HALF: REPLY[:5],
    Fault.GARBAGE: GARBAGE,
}


@pytest.mark.parametrize("fault", Fault)
def test_each_fault_is_what_it_says(fault: Fault):
    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server, fault_proxy(server.sockets[0].getsockname()[1]) as proxy:
            standing = await asyncio.open_connection("127.0.0.1", proxy.port)
            assert await hears(*standing) == REPLY
            await proxy.set_fault(fault)
            assert await hears(*standing) == HEARD[fault]
            standing[1].close()
            if fault is Fault.REFUSED:
                with pytest.raises(ConnectionRefusedError):
                    await asyncio.open_connection("127.0.0.1", proxy.port)
            else:
                fresh = await asyncio.open_connection("127.0.0.1", proxy.port)
                assert await hears(*fresh) == HEARD[fault]
                fresh[1].close()
            await proxy.set_fault(Fault.NONE)
            healed = await asyncio.open_connection("127.0.0.1", proxy.port)
            assert await hears(*healed) == REPLY
            healed[1].close()

    asyncio.run(run())
