"""What every process sets for itself that is started to do one thing with what somebody has brought or asked for."""

import os
import resource
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What a process may take. `memory_bytes` are of addresses, which are more than what is really used; `niceness` lets others go first."""

    memory_bytes: int
    cpu_seconds: int
    file_bytes: int
    niceness: int = 0


def limit_process(limits: ProcessLimits) -> None:
    """Take no more than this from here on; a process that dies leaves no image of its memory."""
    for limit, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    if limits.niceness:
        os.nice(limits.niceness)
