"""The histogram of edits counts as the library's does."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from api.tally import Tally

BOUNDS = (0.001, 0.01, 0.1, 1.0)


@given(st.lists(st.one_of(st.sampled_from(BOUNDS), st.floats(0, 10))))
def test_a_tally_says_what_the_librarys_histogram_says(values: list[float]) -> None:
    """Every sample is the same, those on a bound too."""
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    tally = Tally("time_seconds", "Time.", BOUNDS, ours)
    histogram = Histogram("time_seconds", "Time.", buckets=BOUNDS, registry=theirs)
    for value in values:
        tally.observe(value)
        histogram.observe(value)
    said = [line for line in generate_latest(theirs).splitlines() if b"_created" not in line]
    assert generate_latest(ours).splitlines() == said
