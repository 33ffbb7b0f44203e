"""Bounds on seconds that hold on a busy machine as well: it is given as much more time as it is slower just now."""

import time

_SAMPLE_SECONDS = 0.1


def in_time(seconds: float, seconds_max: float) -> bool:
    """Tell whether something that took so many seconds took less than `seconds_max` of a machine with nothing else to do."""
    return seconds < seconds_max or seconds < seconds_max * slowness()


def slowness() -> float:
    """How many times as long as alone a computation takes now, 1 or more: the wall's time of a tenth of a second of processor time."""
    begun, spent = time.perf_counter(), time.process_time()
    while time.process_time() - spent < _SAMPLE_SECONDS:
        pass
    return max(1.0, (time.perf_counter() - begun) / _SAMPLE_SECONDS)
