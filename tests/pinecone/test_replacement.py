"""Making and exchanging API keys: whatever happens, at whatever point, nothing is lost and nothing is left."""

import itertools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from pinekeep.errors import PinekeepError
from pinekeep.model.config.models import ApiKey
from pinekeep.pinecone.errors import PineconeStateError
from pinekeep.pinecone.keys import key_state
from pinekeep.pinecone.redaction import Secret
from pinekeep.pinecone.replacement import TRY_WAITS, Exchange, words_of
from pinekeep.pinecone.secrets import SecretState
from tests.pinecone.fakes import Crash, FakeKeys, FakeSecrets, Killed, Meeting, lost

NAME, SECRET = "ingest", "pinecone/search/ingest"
WANTED = ApiKey(name=NAME, roles=["DataPlaneEditor"], secret=SECRET)
KMS_KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
CALLS_MAX = 30
Error = Callable[[], BaseException]


class World:
    """What is there: Pinecone's keys and AWS's secrets, and one key that somebody made by hand."""

    def __init__(self) -> None:
        self.keys, self.secrets = FakeKeys(), FakeSecrets()
        self.told: list[str] = []
        self.pauses: list[float] = []
        self.others, _ = self.keys.add("made by hand", "ProjectEditor")

    def exchange(self, crash: Crash | Meeting | None = None, **changed: Any) -> Exchange:
        keys, secrets = (crash.on(self.keys), crash.on(self.secrets)) if crash else (self.keys, self.secrets)
        settings: dict[str, Any] = {
            "keys": keys,
            "secrets": secrets,
            "deployment": "search",
            "project_id": "id",
            "project": "search",
            "wanted": WANTED,
            "is_known": self.keys.knows,
            "tell": self.told.append,
            "sleep": self.pauses.append,
        }
        return Exchange(**{**settings, **changed})

    def require_done(self) -> None:
        """One key of the name, no other left, and readers get its value."""
        (key,) = self.keys.named(NAME)
        assert set(self.keys.keys) == {key.id, self.others.id}
        assert key.roles == ("DataPlaneEditor",)
        given = self.secrets.given(SECRET)
        assert given is not None
        assert self.keys.values[given.reveal()] == key.id

    def require_readers_served(self) -> None:
        """Whoever reads the secret gets a key that works."""
        given = self.secrets.given(SECRET)
        assert given is not None
        assert self.keys.knows(given)


def with_a_key() -> World:
    world = World()
    world.exchange().run()
    return world


def test_a_key_is_made_stored_tried_and_given_to_readers() -> None:
    world = World()
    done = world.exchange().run()
    world.require_done()
    assert (done.old_ids, done.old_deleted) == ((), True)
    assert world.told == [
        f"verify that the secret {SECRET} is writable",
        f"create the API key {NAME}, and store its value in the secret {SECRET}",
        "test it against Pinecone",
        f"give it to the readers of the secret {SECRET}",
    ]


def test_an_exchange_puts_a_new_key_in_the_place_of_the_old_one() -> None:
    world = with_a_key()
    (old,) = world.keys.named(NAME)
    done = world.exchange().run()
    world.require_done()
    assert (done.old_ids, done.old_deleted) == ((old.id,), True)
    assert old.id not in world.keys.keys
    assert world.keys.named(NAME)[0].id == done.new_id != old.id


def test_the_old_key_can_be_kept_until_the_next_run() -> None:
    world = with_a_key()
    (old,) = world.keys.named(NAME)
    first = world.exchange().run(keep_old=True)
    assert not first.old_deleted
    assert old.id in world.keys.keys
    world.require_readers_served()
    assert world.exchange().run(keep_old=True) == first
    second = world.exchange().run()
    assert (second.new_id, second.old_ids, second.old_deleted) == (first.new_id, (old.id,), True)
    world.require_done()


CRASHES = [
    pytest.param(after, error, id=f"{'after' if after else 'before'} the call, {name}")
    for after in (False, True)
    for name, error in (("killed", Killed), ("no answer", lost))
]


@pytest.mark.parametrize(("after", "error"), CRASHES)
@pytest.mark.parametrize("start", [World, with_a_key], ids=["making", "exchanging"])
def test_a_crash_at_any_call_loses_nothing_and_the_next_run_finishes(
    start: Callable[[], World], after: bool, error: Error
) -> None:
    crashed = 0
    for number in range(CALLS_MAX):
        world = start()
        crash = Crash(number, after=after, error=error)
        with suppress(Killed, PinekeepError):
            world.exchange(crash).run()
        if not crash.came:
            break
        crashed += 1
        if start is with_a_key:
            world.require_readers_served()
        world.exchange().run()
        world.require_done()
    assert crashed == (11 if start is World else 12), "every call is one of them"


@pytest.mark.parametrize("start", [World, with_a_key], ids=["making", "exchanging"])
def test_two_crashes_one_after_the_other_lose_nothing_either(start: Callable[[], World]) -> None:
    came = 0
    for first, second in itertools.product(range(CALLS_MAX), repeat=2):
        world = start()
        for number, after in ((first, True), (second, False)):
            crash = Crash(number, after=after)
            with suppress(Killed):
                world.exchange(crash).run()
            came += crash.came
            if start is with_a_key:
                world.require_readers_served()
        world.exchange().run()
        world.require_done()
    assert came > 100


@pytest.mark.parametrize("start", [World, with_a_key], ids=["making", "exchanging"])
def test_two_operators_at_once_lose_nothing(start: Callable[[], World]) -> None:
    """While one is at work, another does the whole of it between any two calls."""
    came = 0
    for number in range(CALLS_MAX):
        world = start()

        def other(world: World = world) -> None:
            with suppress(PinekeepError):
                world.exchange().run()

        meeting = Meeting(number, other)
        with suppress(PinekeepError):
            world.exchange(meeting).run()
        came += meeting.came
        if start is with_a_key:
            world.require_readers_served()
        world.exchange().run()
        world.require_done()
    assert came >= 9


def test_a_secret_that_cannot_be_written_to_leaves_no_key() -> None:
    world = World()

    class Refusing(FakeSecrets):
        def make_room(self, name: str, description: str, *, kms_key: str | None = None) -> None:
            raise PinekeepError("AWS does not allow it")

    with pytest.raises(PinekeepError, match="AWS does not allow it"):
        world.exchange(secrets=Refusing()).run()
    assert set(world.keys.keys) == {world.others.id}


def test_a_value_that_cannot_be_stored_leaves_no_key() -> None:
    world = World()

    class Full(FakeSecrets):
        def store(self, name: str, key_id: str, value: Secret) -> None:
            raise PinekeepError("AWS is out of room")

    with pytest.raises(PinekeepError, match="AWS is out of room"):
        world.exchange(secrets=Full()).run()
    assert set(world.keys.keys) == {world.others.id}


def test_a_key_that_pinecone_does_not_know_is_given_to_nobody() -> None:
    world = with_a_key()
    (old,) = world.keys.named(NAME)
    with pytest.raises(PineconeStateError, match="Pinecone does not know the new API key ingest"):
        world.exchange(is_known=lambda _: False).run()
    assert world.pauses == list(TRY_WAITS[1:])
    assert world.keys.named(NAME) == [old]
    world.require_readers_served()
    world.exchange().run()
    world.require_done()


def test_a_new_key_may_take_a_moment_to_be_known() -> None:
    world = World()
    answers = iter([False, False, True])
    world.exchange(is_known=lambda _: next(answers)).run()
    assert world.pauses == [1.0, 2.0]
    world.require_done()


def test_a_key_made_by_hand_is_exchanged_and_others_are_left_alone() -> None:
    world = World()
    by_hand, _ = world.keys.add(NAME, "ProjectEditor")
    world.exchange().run()
    assert by_hand.id not in world.keys.keys
    world.require_done()


def test_two_keys_of_the_name_are_refused_and_left_alone() -> None:
    world = World()
    ids = [world.keys.add(NAME, "ProjectEditor")[0].id for _ in range(2)]
    with pytest.raises(PineconeStateError) as caught:
        world.exchange().run()
    assert caught.value.message == f"several API keys of project search are named ingest: {ids[0]}, {ids[1]}"
    assert len(world.keys.keys) == 3


def test_a_secret_of_somebody_else_is_refused_before_anything_is_made() -> None:
    world = World()

    class Others(FakeSecrets):
        def look(self, name: str) -> SecretState:
            return SecretState(name, exists=True, ours=False)

    with pytest.raises(PineconeStateError, match="is not overwritten"):
        world.exchange(secrets=Others()).run()
    assert set(world.keys.keys) == {world.others.id}


def test_a_key_that_somebody_else_is_just_making_is_not_deleted() -> None:
    world = World()
    other = world.exchange()
    key, value = world.keys.add("ingest-unfinished", "DataPlaneEditor")
    state = other.state()
    assert state.lost == (key,)
    world.secrets.make_room(SECRET, "")
    world.secrets.store(SECRET, key.id, value)
    with pytest.raises(PineconeStateError, match="a concurrent run is creating the API key ingest"):
        other.delete_lost(state)
    assert key.id in world.keys.keys


def test_what_would_be_done_is_said_in_words() -> None:
    world = World()
    assert words_of(world.exchange().state()) == [
        f"create the secret {SECRET}; create the API key {NAME} (DataPlaneEditor), its value going straight into the "
        f"secret {SECRET}",
        f"test it against Pinecone, then give it to the readers of the secret {SECRET}",
    ]
    gone, _ = world.keys.add("ingest-unfinished", "DataPlaneEditor")
    by_hand, _ = world.keys.add(NAME, "ProjectEditor")
    words = words_of(world.exchange().state())
    assert words[0] == (
        f"delete the API key ingest-unfinished ({gone.id}): its value was never stored, so nobody has it"
    )
    assert words[-1] == f"delete the old API key ingest ({by_hand.id}); clients with its value lose access"
    world.exchange().run(keep_old=True)
    (new,) = world.keys.named("ingest-unfinished")
    assert words_of(world.exchange().state()) == [
        f"go on with the API key {new.id}, whose value is stored in the secret {SECRET}",
        f"delete the old API key ingest ({by_hand.id}); clients with its value lose access",
    ]
    assert (
        words_of(world.exchange().state(), keep_old=True)[-1] == f"keep the old API key ingest ({by_hand.id}) for now"
    )


def test_the_secret_is_made_with_the_key_that_the_file_names_for_it() -> None:
    world = World()
    wanted = WANTED.model_copy(update={"kms_key": KMS_KEY})
    world.exchange(wanted=wanted).run()
    assert world.secrets.kms_keys == {SECRET: KMS_KEY}
    assert f"create the secret {SECRET}, encrypted with {KMS_KEY}; create the API key" in "; ".join(
        words_of(key_state(wanted, [], SecretState(SECRET)))
    )


def test_nothing_is_made_for_a_secret_under_another_key() -> None:
    world = with_a_key()
    before = dict(world.keys.keys)
    with pytest.raises(PineconeStateError, match="is encrypted with AWS's own key"):
        world.exchange(wanted=WANTED.model_copy(update={"kms_key": KMS_KEY})).run()
    assert world.keys.keys == before
