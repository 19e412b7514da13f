"""Reading the dead-letters topic, and sending its events again, byte for byte.

A replay is the original key, value and headers, with one header more (`schemas.replays`).
"""

import asyncio
import base64
from collections.abc import Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from schemas.codecs import MalformedEvent
from schemas.dead_letters import Category, DocumentDeadLettered
from schemas.options import DocumentOptions
from schemas.replays import HEADER, Replay, parse_replay
from streams.errors import BrokerAway
from streams.kafka import client_options
from streams.records import records_so_far
from streams.settings import Settings
from streams.store.object_store import ObjectStore, fetch_referenced

REPLAYS_MAX = 3
"""A dead letter that came back so often is not replayed with the others."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dead letters are meant; an empty selection means all.

    Attributes:
        ids: These and no others.
        categories: Of one of these categories.
        since: Not older.
        until: Not younger.
    """

    ids: frozenset[str] = frozenset()
    categories: frozenset[Category] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    def has(self, letter: DocumentDeadLettered) -> bool:
        """Whether a dead letter is meant."""
        return (
            (not self.ids or letter.dead_letter_id in self.ids)
            and (not self.categories or letter.category in self.categories)
            and (self.since is None or letter.occurred_at >= self.since)
            and (self.until is None or letter.occurred_at <= self.until)
        )


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one dead letter; `skipped` says why it was not sent."""

    letter: DocumentDeadLettered
    skipped: str | None = None


async def read_letters(
    settings: Settings, store: ObjectStore, selection: Selection
) -> list[DocumentDeadLettered]:
    """Read the dead letters that are on the topic now, oldest first, each once.

    Raises:
        BrokerAway: the broker does not answer, or there is no topic.
        StoreAway, StoreError: a letter that lies in the store cannot be had.
    """
    found: dict[str, DocumentDeadLettered] = {}
    async with aclosing(records_so_far(settings, settings.dead_letters_topic, None)) as records:
        async for record in records:
            try:
                letter = DocumentDeadLettered.model_validate_json(record.value or b"")
            except ValidationError:
                continue  # not ours
            if selection.has(letter):
                found[letter.dead_letter_id] = letter
    whole = [await _complete(store, letter) for letter in found.values()]
    return sorted(whole, key=lambda letter: letter.occurred_at)


async def replay(
    settings: Settings,
    store: ObjectStore,
    letters: Iterable[DocumentDeadLettered],
    options: DocumentOptions,
    rate: float,
    again: bool,
    dry_run: bool,
    told: Callable[[Replayed], None],
) -> None:
    """Send the events of dead letters again, no more than `rate` a second.

    Args:
        settings: Topics.
        store: Where values lie that were too large for a dead letter.
        letters: From `read_letters`.
        options: Win over the events' own.
        rate: Events per second.
        again: Also what was replayed already, or came back too often.
        dry_run: Send nothing.
        told: Told of each as it is sent or skipped.

    Raises:
        BrokerAway: an event was not acknowledged; those told of before were.
        StoreAway, StoreError: a value cannot be had.
    """
    wanted = list(letters)
    done = set() if again else await _replayed_ids(settings, wanted)
    producer = AIOKafkaProducer(
        **client_options(settings),
        acks="all",
        max_request_size=max(2**24, 2 * settings.message_bytes_max),
    )
    try:
        await producer.start()
        for letter in wanted:
            skipped = None if again else _reason_to_skip(letter, done)
            if skipped is None and not dry_run:
                await _send(producer, settings, store, letter, options)
                await asyncio.sleep(1 / rate)
            told(Replayed(letter, skipped))
    except (KafkaError, OSError) as err:
        raise BrokerAway(f"the broker at {settings.kafka_brokers}: {err!r}") from err
    finally:
        await producer.stop()


def _reason_to_skip(letter: DocumentDeadLettered, done: set[str]) -> str | None:
    if letter.dead_letter_id in done:
        return "was replayed already"
    if letter.replays >= REPLAYS_MAX:
        return f"came back {letter.replays} times"
    return None


async def _send(
    producer: AIOKafkaProducer,
    settings: Settings,
    store: ObjectStore,
    letter: DocumentDeadLettered,
    options: DocumentOptions,
) -> None:
    origin = letter.origin
    value = _bytes(origin.value_base64)
    if origin.value_ref is not None:
        value = await fetch_referenced(store, origin.value_ref)
    header = Replay(
        dead_letter_id=letter.dead_letter_id,
        record_index=letter.record_index,
        attempts=letter.attempts,
        replays=letter.replays + 1,
        options=options,
    )
    headers = [(name, _bytes(text)) for name, text in origin.headers]
    headers.append((HEADER, header.model_dump_json(exclude_none=True).encode()))
    await producer.send_and_wait(
        settings.uploads_topic, value=value, key=_bytes(origin.key), headers=headers
    )


async def _replayed_ids(settings: Settings, letters: list[DocumentDeadLettered]) -> set[str]:
    """Which dead letters the uploads topic has replays of."""
    found: set[str] = set()
    if not letters:
        return found
    since = min(letter.occurred_at for letter in letters)
    async with aclosing(records_so_far(settings, settings.uploads_topic, since)) as records:
        async for record in records:
            try:
                header = parse_replay(dict(record.headers))
            except MalformedEvent:
                continue
            if header is not None:
                found.add(header.dead_letter_id)
    return found


async def _complete(store: ObjectStore, letter: DocumentDeadLettered) -> DocumentDeadLettered:
    if letter.letter_ref is None:
        return letter
    return DocumentDeadLettered.model_validate_json(
        await fetch_referenced(store, letter.letter_ref)
    )


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
