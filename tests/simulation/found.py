"""Seeds that have found bugs in the product, and which. Where the bug is planted again they find it still."""

from typing import Final

FOUND: Final = {
    6: "an edit judged by old rights was committed, because a later edit of the same person vouched for the newer ones",
    10: "after an hour's step back of its clock a node did not read the log again until that hour was over",
    13: "who came from another node with edits that this one had not heard of was closed as unsound, for good",
}
