"""Ctrl-C and SIGTERM: a program that is asked to end does so, whatever it is doing."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

_PATIENCE = 1.0  # seconds for the work to end by itself
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """The program was asked to end; what is being written is removed on the way out.

    Not an ``Exception``, and not the ``KeyboardInterrupt`` that libraries and plugins may raise.

    Attributes
    ----------
    number : int
        Of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def exit_code(number: int) -> int:
    """Return the exit code of a program that a signal ended."""
    return 128 + number


def end_on_signals(words: Callable[[], str]) -> None:
    """Make the signals end this program: at once by :class:`Interrupted`, within seconds in any case.

    Work that swallows the exception, as a compilation does, or that does not
    come back to the interpreter, is ended without it.

    Parameters
    ----------
    words
        Says what is kept and how to go on, for standard error.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def interrupt(number: int, _: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    def watch() -> None:
        number = os.read(reader, 1)[0]
        while number not in SIGNALS:  # those that a library asked for
            number = os.read(reader, 1)[0]
        threading.Event().wait(_PATIENCE)
        say(words())
        os._exit(exit_code(number))

    for number in SIGNALS:
        signal.signal(number, interrupt)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=watch, daemon=True, name="nuweft-interruption").start()


def say(words: str) -> None:
    """Write words to standard error, if they can be written."""
    with suppress(OSError, ValueError):
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, f"\n{words}\n".encode())


@contextmanager
def asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Give a function that says whether the user pressed Ctrl-C during a block.

    So that an interruption is told from a ``KeyboardInterrupt`` that a plugin raised itself.
    """
    asked = [False]
    previous: Any = None

    def note(number: int, frame: FrameType | None) -> None:
        asked[0] = True
        previous(number, frame)

    ours = threading.current_thread() is threading.main_thread()
    if ours:
        previous = signal.getsignal(signal.SIGINT)
        ours = callable(previous)
    if ours:
        signal.signal(signal.SIGINT, note)
    try:
        yield lambda: asked[0]
    finally:
        if ours and signal.getsignal(signal.SIGINT) is note:
            signal.signal(signal.SIGINT, previous)
