"""A TCP proxy that does to a connection what networks and dying servers do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

from aurum_testkit.wire import free_port

HOST = "127.0.0.1"
LATENCY_SECONDS = 0.1
GARBAGE = b"\x00\xff%$:\r\n\x00garbage\r\n"


class Fault(StrEnum):
    """What becomes of what the server sends; `refused` and `reset` also end what is connected."""

    NONE = "none"
    REFUSED = "refused"
    RESET = "reset"
    BLACK_HOLE = "black_hole"
    LATENCY = "latency"
    HALF = "half"
    GARBAGE = "garbage"


class FaultProxy:
    """Stands before a server on the same machine; `fault` may be set at any moment."""

    def __init__(self, port: int) -> None:
        self.port = free_port(HOST)
        self._upstream = port
        self._fault = Fault.NONE
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def fault(self) -> Fault:
        """Return what happens now."""
        return self._fault

    async def set_fault(self, fault: Fault) -> None:
        """Let this happen from now on."""
        self._fault = fault
        if fault is Fault.REFUSED:
            await self._stop()
        elif self._server is None:
            await self._start()
        if fault in {Fault.REFUSED, Fault.RESET}:
            self._abort()

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._accept, HOST, self.port)

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    def _abort(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if self._fault is Fault.RESET:
            writer.transport.abort()
            return
        try:
            server, sink = await asyncio.open_connection(HOST, self._upstream)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, sink}
        pumps = [
            asyncio.ensure_future(self._pump(reader, sink, answers=False)),
            asyncio.ensure_future(self._pump(server, writer, answers=True)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            for one in (writer, sink):
                self._writers.discard(one)
                one.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        while data := await reader.read(65_536):
            if answers:
                data = await self._spoil(data)
            writer.write(data)
            await writer.drain()

    async def _spoil(self, data: bytes) -> bytes:
        if self._fault is Fault.BLACK_HOLE:
            return b""
        if self._fault is Fault.HALF:
            return data[: len(data) // 2]
        if self._fault is Fault.GARBAGE:
            return GARBAGE
        if self._fault is Fault.LATENCY:
            await asyncio.sleep(LATENCY_SECONDS)
        return data


@asynccontextmanager
async def fault_proxy(port: int) -> AsyncIterator[FaultProxy]:
    """Run a proxy before a port, without a fault at first."""
    proxy = FaultProxy(port)
    await proxy.set_fault(Fault.NONE)
    try:
        yield proxy
    finally:
        await proxy.set_fault(Fault.REFUSED)
        for task in list(proxy._tasks):  # noqa: SLF001 - its own
            task.cancel()
        await asyncio.gather(*proxy._tasks, return_exceptions=True)  # noqa: SLF001 - its own
