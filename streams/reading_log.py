"""Who reads which content, agreed upon by all workers over one partition of one topic.

Every worker follows the topic from its beginning and applies the same steps in the same order, so
that all come to the same state without asking anybody. A step that claims a reading names the state
that it follows; of two that follow the same state, the first on the topic wins. That is
compare-and-set, at the price of one message for all steps of some milliseconds.

A worker that knows less than others (its entries are bounded) may read what was read before; it
never takes a result for another one's.
"""

import asyncio
import logging
import math
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from schemas.codecs import encode
from schemas.readings import ReadingChange, ReadingsChanged, RecordPlace, parse_readings
from streams.errors import BrokerAway, PublishRejected

CLAIM_TIMEOUT_S = 10.0
"""A claim that is not seen on the topic for so long is given up: the broker is away."""

SEND_PAUSE_S = 0.005
"""Least time between messages; what comes meanwhile goes together."""

LINGER_S = 0.05
"""How long that for which nobody waits waits for company."""

SILENCE_S = 30.0
"""After that nothing is claimed for so long: not every document is to wait in vain."""

CHANGES_PER_MESSAGE_MAX = 500
"""Some 100 kB."""

CHANGES_WAITING_MAX = 10_000
"""Results that cannot be told while the broker is away; what is beyond is forgotten."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reading:
    """The state of one reading: claimed by an event, or known to have a result.

    Attributes:
        token: Names the state.
        claimed_by: The event whose document is being read, None where there is a result.
        result: Where it is.
        heard_at: When this worker heard of it, by its event loop's clock.
        noted_at_s: When it was noted, in seconds since 1970.
    """

    token: str
    claimed_by: str | None
    result: RecordPlace | None
    heard_at: float
    noted_at_s: float


class ReadingLog:
    """The state of all readings, as far as the topic has told.

    Attributes:
        is_alone: Whether this worker has all events there are. Then nobody can claim before it, and
            its claims hold at once; they are told all the same.

    Args:
        send: Puts one message onto the topic; raises `BrokerAway` where it is not there for sure.
        entries_max: The oldest beyond are forgotten.
    """

    def __init__(self, send: Callable[[bytes], Awaitable[None]], entries_max: int) -> None:
        self.is_alone = False
        self._send = send
        self._entries_max = entries_max
        self._silent_until = -math.inf
        self._readings: dict[str, Reading] = {}
        self._worker = uuid.uuid4().hex[:8]
        self._token_count = 0
        self._claims: dict[str, asyncio.Future[bool]] = {}
        self._watched: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._waiting: dict[str, ReadingChange] = {}
        """By token, in the order in which they are to be sent."""
        self._has_waiting = asyncio.Event()
        self._has_urgent = asyncio.Event()
        self._all_sent = asyncio.Event()
        self._all_sent.set()

    def state(self, reading_id: str) -> Reading | None:
        """What is known of a reading, None where nobody has begun it."""
        return self._readings.get(reading_id)

    async def claim(self, reading_id: str, was: str | None, claimed_by: str) -> str | None:
        """Claim a reading.

        Args:
            reading_id: See `schemas.ids`.
            was: Token of the state that the claim follows, None where there was none.
            claimed_by: The event that asks.

        Returns:
            The token of the claim, None where somebody else was first.

        Raises:
            BrokerAway: the claim was not seen on the topic in time.
        """
        token = self._new_token()
        change = ReadingChange(reading_id=reading_id, token=token, was=was, claimed_by=claimed_by)
        self._tell(change)
        if self.is_alone:
            now = asyncio.get_running_loop().time()
            return token if self._apply(change, now, time.time()) else None
        if asyncio.get_running_loop().time() < self._silent_until:
            self._waiting.pop(token)
            raise BrokerAway("claims do not come back")
        outcome = self._claims[token] = asyncio.get_running_loop().create_future()
        self._has_urgent.set()
        try:
            async with asyncio.timeout(CLAIM_TIMEOUT_S):
                return token if await outcome else None
        except BaseException as err:
            self.release(reading_id, token)  # it may still come
            if isinstance(err, TimeoutError):
                self._silent_until = asyncio.get_running_loop().time() + SILENCE_S
                raise BrokerAway(f"no claim came back within {CLAIM_TIMEOUT_S:g} s") from err
            raise
        finally:
            del self._claims[token]

    def renew(self, reading_id: str, token: str, claimed_by: str) -> None:
        """Show that who claimed a reading lives; the claim keeps its token."""
        change = ReadingChange(reading_id=reading_id, token=token, was=token, claimed_by=claimed_by)
        if token not in self._waiting:  # else the claim itself is still to be told
            self._tell(change)

    def note_result(self, reading_id: str, token: str, result: RecordPlace) -> None:
        """Tell everybody where the result of a reading is that was claimed."""
        self._waiting.pop(token, None)  # the claim was not even told
        self._tell(ReadingChange(reading_id=reading_id, token=self._new_token(), result=result))

    def release(self, reading_id: str, token: str) -> None:
        """Give up a claim: somebody else may read."""
        self._waiting.pop(token, None)
        self._tell(ReadingChange(reading_id=reading_id, token=self._new_token(), was=token))

    def forget(self, reading_id: str) -> None:
        """Tell everybody that nothing is known of a reading: its document was deleted."""
        self._tell(forgotten(reading_id, self._new_token()))

    async def changed(self, reading_id: str, timeout_s: float) -> None:
        """Wait until the state of a reading changes, or until time is up."""
        change = asyncio.Event()
        watchers = self._watched[reading_id]
        watchers.add(change)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(change.wait(), timeout_s)
        finally:
            watchers.discard(change)
            if not watchers:
                self._watched.pop(reading_id, None)

    def apply(self, value: bytes | None, noted_at_s: float) -> None:
        """Take the next message of the topic.

        Args:
            value: The message.
            noted_at_s: When it was written, in seconds since 1970.
        """
        heard_at = asyncio.get_running_loop().time()
        for change in parse_readings(value):
            holds = self._apply(change, heard_at, noted_at_s)
            claim = self._claims.get(change.token)
            if claim is not None and not claim.done():
                claim.set_result(holds)
            if holds:
                for watcher in self._watched.get(change.reading_id, ()):
                    watcher.set()

    async def keep_sending(self) -> None:
        """Send what is to be told, all of it that came while the last message was on its way."""
        while True:
            await self._has_waiting.wait()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_urgent.wait(), LINGER_S)
            self._has_urgent.clear()
            for _ in range(0, len(self._waiting), CHANGES_PER_MESSAGE_MAX):
                await self._send_some()
            if not self._waiting:
                self._has_waiting.clear()
                self._all_sent.set()
            await asyncio.sleep(SEND_PAUSE_S)

    async def flush(self) -> None:
        """Wait until everything is told."""
        self._has_urgent.set()
        await self._all_sent.wait()

    async def _send_some(self) -> None:
        tokens = list(islice(self._waiting, CHANGES_PER_MESSAGE_MAX))
        changes = tuple(self._waiting.pop(token) for token in tokens)
        try:
            await self._send(encode(ReadingsChanged(changes=changes)))
        except (BrokerAway, PublishRejected) as err:
            logger.warning("%d change(s) of readings were not told: %s", len(changes), err)
            # A claim is given up by who waits for it, and must not come later.
            again = [c for c in changes if c.claimed_by is None]
            room = max(0, CHANGES_WAITING_MAX - len(self._waiting))
            self._waiting = {c.token: c for c in again[:room]} | self._waiting
            await asyncio.sleep(1.0)

    def _tell(self, change: ReadingChange) -> None:
        self._waiting[change.token] = change
        self._all_sent.clear()
        self._has_waiting.set()

    def _new_token(self) -> str:
        self._token_count += 1
        return f"{self._worker}-{self._token_count}"

    def _apply(self, change: ReadingChange, heard_at: float, noted_at_s: float) -> bool:
        """Change a state, if the change holds."""
        known = self._readings.get(change.reading_id)
        token = None if known is None else known.token
        if change.result is None and not change.is_forgotten and change.was != token:
            return False
        self._readings.pop(change.reading_id, None)  # what is changed is the youngest
        if change.result is not None or change.claimed_by is not None:
            self._readings[change.reading_id] = Reading(
                change.token, change.claimed_by, change.result, heard_at, noted_at_s
            )
            if len(self._readings) > self._entries_max:
                del self._readings[next(iter(self._readings))]
        return True


def forgotten(reading_id: str, token: str) -> ReadingChange:
    """The step after which nothing is known of a reading; also told by who deletes documents."""
    return ReadingChange(reading_id=reading_id, token=token, is_forgotten=True)
