"""Any fault of PostgreSQL is an answer in time, writes nothing, and is over when the fault is."""

import asyncio
import time
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from aurum_core.auth import TenantId
from aurum_core.deadline import Deadline, deadline_scope
from aurum_core.errors import DeadlineError, UnavailableError
from aurum_dao.adapters.postgres.tenants import open_tenants
from aurum_testkit.proxy import Fault, fault_proxy

pytestmark = pytest.mark.integration
ACME = TenantId("acme")
DEADLINE_SECONDS = 0.8
RECOVERY_SECONDS = 3.0
FAULTS = (Fault.REFUSED, Fault.RESET, Fault.BLACK_HOLE, Fault.HALF, Fault.GARBAGE)


async def look(tenants):
    """Return the answer, or the error's class, and how long it took."""
    start = time.monotonic()
    try:
        with deadline_scope(Deadline.after(DEADLINE_SECONDS)):
            async with tenants.tenant_tx(ACME) as tx:
                answer = (await tx.execute(text("SELECT 7"))).scalar_one()
    except (UnavailableError, DeadlineError) as error:
        answer = type(error)
    return answer, time.monotonic() - start


@pytest.mark.parametrize("warm", [True, False], ids=["pooled", "new"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_answered_in_time_and_leaves_nothing_behind(database, fault, warm):
    async def run():
        settings = database.settings(pool_size=2)
        address = urlsplit(settings.dsn.get_secret_value())
        async with fault_proxy(address.port) as proxy:
            through = address.geturl().replace(f":{address.port}/", f":{proxy.port}/")
            settings = settings.model_copy(update={"dsn": SecretStr(through)})
            async with open_tenants(settings) as tenants:
                if warm:
                    both = await asyncio.gather(look(tenants), look(tenants))
                    assert [answer for answer, _ in both] == [7, 7]
                await proxy.set_fault(fault)
                for answer, seconds in await asyncio.gather(look(tenants), look(tenants)):
                    assert answer != 7
                    assert seconds < DEADLINE_SECONDS + 0.5
                await proxy.set_fault(Fault.NONE)
                healed = time.monotonic()
                while (answer := (await look(tenants))[0]) != 7:
                    assert time.monotonic() - healed < RECOVERY_SECONDS, answer
                    await asyncio.sleep(0.05)

    asyncio.run(run())
