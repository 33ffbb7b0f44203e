"""The black box: what is left of a process that died, and whom it blames."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from realtime.blackbox import BYTES_PER_SECOND_MIN, Death, unread_deaths
from tests.suites import ROOT

SECONDS_MAX = 0.5
START = f"""
import os, signal, sys, threading, time
from pathlib import Path
from uuid import UUID
from realtime.blackbox import BlackBox
box = BlackBox(Path(sys.argv[1]), UUID(sys.argv[2]), {SECONDS_MAX})
def work(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass
"""
HANG = "work(60)"
CRASH = "os.abort()"


def _die(folder: Path, *lines: str) -> tuple[int, list[Death]]:
    """Let a process run these lines; its status, and the deaths that can be read afterwards, twice to the same end."""
    command = [sys.executable, "-c", START + "\n".join(lines), str(folder), str(uuid4())]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)
    deaths = list(unread_deaths(folder))
    assert list(unread_deaths(folder)) == []
    assert [path.suffix for path in folder.iterdir()] == [".death"] * len(deaths)
    return ended.returncode, deaths


@pytest.mark.rule("ROOM-40")
@pytest.mark.parametrize(("end", "status"), [(HANG, -signal.SIGVTALRM), (CRASH, -signal.SIGABRT)])
def test_what_the_loop_worked_on_is_blamed(tmp_path: Path, end: str, status: int) -> None:
    """A process that hangs in a decision ends by itself, one that crashes anyway; both name the list."""
    ended, (death,) = _die(tmp_path, 'box.begin("sound", 0); box.end(); box.begin("sick", 0)', end)
    assert ended == status
    assert death.suspects == ("sick",)
    assert death.hung == (end is HANG)
    assert "most recent call first" in death.trace


@pytest.mark.rule("ROOM-41")
def test_a_crash_blames_its_own_thread_alone(tmp_path: Path) -> None:
    """Of a decision and an opening at the same moment, the one whose thread crashed."""
    opening = f"""
def open_list():
    with box.opening("sick", 0):
        {CRASH}
box.begin("sound", 0)
threading.Thread(target=open_list).start()
"""
    _, (death,) = _die(tmp_path, opening, "time.sleep(60)")
    assert death.suspects == ("sick",)


@pytest.mark.rule("ROOM-41")
def test_an_overflow_in_an_opening_leaves_its_trace(tmp_path: Path) -> None:
    """Where the opening thread's stack is used up, its handlers have one of their own."""
    opening = """
import faulthandler
def open_list():
    with box.opening("sick", 0):
        faulthandler._stack_overflow()
threading.Thread(target=open_list).start()
"""
    ended, (death,) = _die(tmp_path, opening, "time.sleep(60)")
    assert (ended, death.suspects) == (-signal.SIGSEGV, ("sick",))


@pytest.mark.rule("ROOM-41")
def test_a_hang_that_may_be_of_two_blames_both(tmp_path: Path) -> None:
    """The one that the loop was in the middle of, and the one that was being opened."""
    opening = f"""
def open_list():
    with box.opening("this", 0):
        box.begin("that", 0)
        {HANG}
threading.Thread(target=open_list).start()
"""
    _, (death,) = _die(tmp_path, opening, "time.sleep(60)")
    assert sorted(death.suspects) == ["that", "this"]


@pytest.mark.rule("ROOM-42")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_an_end_from_outside_blames_nobody(tmp_path: Path, number: int) -> None:
    """Killed in the middle of a decision, also for memory: nothing is said of the list."""
    ended, deaths = _die(tmp_path, f'box.begin("sound", 0); os.kill(os.getpid(), {int(number)})', HANG)
    assert (ended, deaths) == (-number, [])


@pytest.mark.rule("ROOM-40")
def test_honest_work_has_its_time(tmp_path: Path) -> None:
    """Waiting costs nothing, much to take in is given more, and what follows an opening or a decision is not limited."""
    more = SECONDS_MAX * BYTES_PER_SECOND_MIN * 3
    ended, deaths = _die(
        tmp_path,
        f'box.begin("waits", 0); time.sleep({SECONDS_MAX * 2}); box.end()',
        f'box.begin("large", {more}); work({SECONDS_MAX * 2}); box.end()',
        f'with box.opening("larger", {more}): box.begin("small", 0); box.end(); work({SECONDS_MAX * 2})',
        f"work({SECONDS_MAX * 2})",
        "box.close()",
    )
    assert (ended, deaths) == (0, [])


@pytest.mark.rule("ROOM-40")
@pytest.mark.parametrize("meanwhile", ["", "done.set(); opener.join()"], ids=["beside it", "within it"])
def test_a_small_opening_takes_no_time_from_large_work(tmp_path: Path, meanwhile: str) -> None:
    """The loop has the time that its event needs, whatever is opened meanwhile; a hang afterwards is noticed as before."""
    script = f"""
opened, done = threading.Event(), threading.Event()
def open_list():
    with box.opening("small", 0):
        opened.set()
        done.wait()
opener = threading.Thread(target=open_list)
box.begin("large", {SECONDS_MAX * BYTES_PER_SECOND_MIN * 9})
opener.start()
opened.wait()
{meanwhile}
work({SECONDS_MAX * 2})
done.set()
opener.join()
box.end()
work({SECONDS_MAX * 2})
box.begin("sick", 0)
"""
    ended, (death,) = _die(tmp_path, script, HANG)
    assert (ended, death.suspects) == (-signal.SIGVTALRM, ("sick",))


@pytest.mark.rule("ROOM-41")
def test_the_living_are_left_alone(tmp_path: Path) -> None:
    """What a running process has marked is not read by others."""
    script = START + 'box.begin("busy", 0)\nprint("ready", flush=True)\nsys.stdin.read()'
    command = [sys.executable, "-c", script, str(tmp_path), str(uuid4())]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as living:
        assert living.stdout is not None
        assert living.stdout.readline() == b"ready\n"
        assert list(unread_deaths(tmp_path)) == []
        assert len(list(tmp_path.iterdir())) == 2
        os.kill(living.pid, signal.SIGKILL)
