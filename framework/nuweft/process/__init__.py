"""The running process: its threads, its memory, and how it is interrupted."""

from nuweft.process.capacity import check_events, check_maps, check_memory, check_trials, free_memory
from nuweft.process.interruption import SIGNALS, Interrupted, asked_to_stop, end_on_signals, exit_code, say
from nuweft.process.threads import in_threads, thread_count

__all__ = [
    "SIGNALS",
    "Interrupted",
    "asked_to_stop",
    "check_events",
    "check_maps",
    "check_memory",
    "check_trials",
    "end_on_signals",
    "exit_code",
    "free_memory",
    "in_threads",
    "say",
    "thread_count",
]
