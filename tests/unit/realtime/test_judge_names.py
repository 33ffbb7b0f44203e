"""The judge: names of columns that meet in one update."""

import pytest

from realtime.core.reasons import Reason
from realtime.core.soundness import Outcome
from tests.judged_list import judged_draft, verdict
from tests.property_list import GONE, OLGA, RENT


@pytest.mark.rule("GATE-18")
def test_a_refused_name_is_kept_from_nobody() -> None:
    """Whatever else was attempted there: another column may have it in the same update."""
    draft = judged_draft()
    taken = f"columns/{GONE}:name"
    for outcomes in (("Fresh", "Name"), ("Name", "Fresh")):
        attempts: dict[str, Outcome | tuple[Outcome, ...]] = {f"columns/{RENT}:name": outcomes, taken: "Fresh"}
        assert verdict(draft, OLGA, attempts) == {f"columns/{RENT}:name": Reason.INVALID_VALUE}
