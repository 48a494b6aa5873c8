"""What runs inside Redis: each in one step, so that no reply is needed in between."""

import hashlib
from typing import Any

from aurum_dao.adapters.redis.client import RedisClient

Argument = str | bytes | int | float


class Script:
    """A Lua script of one key, sent once per server and then called by its hash."""

    __slots__ = ("hash", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.hash = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: RedisClient, key: bytes, *arguments: Argument) -> Any:  # noqa: ANN401 - the driver's
        """Return the reply; a server that does not know the script has done nothing and is told."""
        from redis.exceptions import NoScriptError

        try:
            return await client.execute_command("EVALSHA", self.hash, 1, key, *arguments)
        except NoScriptError:
            return await client.execute_command("EVAL", self.text, 1, key, *arguments)


READ = Script(
    """
local size = redis.call('STRLEN', KEYS[1])
if size > tonumber(ARGV[1]) then return size end
return redis.call('GET', KEYS[1])
"""
)
"""The value; its length where that is more than the bound: a giant never travels."""

TAKE = Script(
    """
local rate, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local span = burst * 1000000 / rate
local debt = (tonumber(redis.call('GET', KEYS[1]) or now) or now) - now
debt = math.min(math.max(debt, 0), span)
local asked = debt + math.min(cost, burst) * 1000000 / rate
local allowed, wait = 1, 0
if asked > span + 1 then
  allowed, wait = 0, asked - span
else
  debt = asked
  local text = string.format('%.3f', now + debt)
  redis.call('SET', KEYS[1], text, 'PX', math.ceil(debt / 1000) + 1)
end
local remaining = math.max(0, math.floor((span - debt + 1) * rate / 1000000))
return {allowed, remaining, math.ceil(wait), math.ceil(debt)}
"""
)
"""`aurum_dao.policies.gcra` on the server's clock in microseconds; arguments rate, burst, cost."""
