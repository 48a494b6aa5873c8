"""One deadline, carried by context."""

import asyncio

import pytest

from aurum_core.deadline import Deadline, current_deadline, deadline_scope, seconds_left
from aurum_core.errors import DeadlineError


def test_the_smaller_of_own_and_remaining_counts():
    assert seconds_left(5) == 5
    with deadline_scope(Deadline.after(1)):
        assert 0.9 < seconds_left(5) <= 1
        assert seconds_left(0.5) == 0.5
    assert current_deadline() is None


def test_what_cannot_be_done_in_time_is_not_begun():
    with deadline_scope(Deadline.after(0.01)), pytest.raises(DeadlineError):
        seconds_left(5)


def test_tasks_inherit_the_deadline_and_do_not_share_it():
    async def inner():
        return current_deadline()

    async def main():
        with deadline_scope(Deadline.after(1)) as mine:
            task = asyncio.create_task(inner())
            assert await task is mine
        return await inner()

    assert asyncio.run(main()) is None
