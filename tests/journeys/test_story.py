"""The main job from end to end, with and without disturbances."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from deploy.local.demo import CERTIFICATE, LICENCE
from deploy.local.folders import ROOT
from deploy.local.story import Story
from tests.systems import fresh_system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.system import System

pytestmark = pytest.mark.servers

PLAYING = ("type_approval", "licensing", "notifications")
MOMENTS = 23
"""What people do in the story, and the system automatically; reminders come on top."""


@contextmanager
def stock_service(system: System) -> Iterator[subprocess.Popen[str]]:
    """A stock nameko service on the same broker, started as its users start one, and listening."""
    url = system.environment("type_approval")["QUANHENG_AMQP_URL"]
    command = [sys.executable, "-m", "nameko", "run", "--define", f"AMQP_URI={url}", "tests.journeys.stock_service"]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if "Connected to amqp" in line:
                    break
            yield process
        finally:
            process.terminate()


def result(story: Story) -> tuple[object, ...]:
    """What the story came to: the numbers, and every clock with its days and what fired."""
    numbers = (story.type_approval, story.licence_application)
    clocks = [
        (
            *(clock["limit"], clock["started_on"], clock.get("stopped_on"), clock["consumed"], clock["overrun"]),
            tuple((fired["rung"], fired["due_on"], fired["fired_at"]) for fired in clock["fired"]),
        )
        for number in numbers
        for clock in story.clocks(number)
    ]
    messages = [(sent["recipient"], sent["subject"]) for number in numbers for sent in story.messages(number)]
    return story.certificate, story.licence, tuple(clocks), tuple(messages)


@pytest.fixture(scope="module")
def undisturbed() -> tuple[object, ...]:
    """The story's result when nothing goes wrong; a stock nameko service listens meanwhile."""
    with fresh_system(*PLAYING) as system:
        story = Story(system)
        with stock_service(system) as outsider:
            assert len(list(story.tell())) > MOMENTS
            assert outsider.stdout is not None
            heard = next(line for line in outsider.stdout if "heard" in line)
            assert json.loads(heard[heard.index("{") :]) == {"heard": CERTIFICATE}
        return result(story)


def test_the_story_ends_with_certificate_and_licence_and_a_stock_nameko_service_hears_of_it(
    undisturbed: tuple[object, ...],
) -> None:
    assert undisturbed[:2] == (CERTIFICATE, LICENCE)


def test_the_laboratory_is_reminded_and_its_breach_is_recorded(undisturbed: tuple[object, ...]) -> None:
    clocks = undisturbed[2]
    assert isinstance(clocks, tuple)
    (contact,) = [clock for clock in clocks if clock[0] == "lab_contact"]
    assert [fired[0] for fired in contact[5]] == ["reminder_50", "reminder_80", "due_day", "breach"]


@pytest.mark.long
def test_killing_each_service_in_the_middle_of_the_story_changes_nothing(undisturbed: tuple[object, ...]) -> None:
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
    victims = dict(zip(chance.sample(range(2, MOMENTS - 2), len(PLAYING)), PLAYING, strict=True))
    with fresh_system(*PLAYING) as system:

        def crash(service: str) -> None:
            system.kill(service)
            system.start(service)

        story = Story(system)
        crashing = []
        for index, _moment in enumerate(story.tell()):
            if index in victims:
                crashing.append(threading.Timer(chance.uniform(0, 0.1), crash, [victims[index]]))
                crashing[-1].start()
        for one in crashing:
            one.join()
        for disturbed_part, part in zip(result(story), undisturbed, strict=True):
            assert disturbed_part == part
