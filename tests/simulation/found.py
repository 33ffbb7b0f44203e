"""Seeds that have found bugs in the product, and which. Where the bug is planted again they find it still."""

from typing import Final

FOUND: Final = {
    6: "an edit judged by old rights was committed, because a later edit of the same person vouched for the newer ones",
    10: "after an hour's step back of its clock a node did not read the log again until that hour was over",
    13: "who came from another node with edits that this one had not heard of was closed as unsound, for good",
    62: "a node read on in the log of a list that had been rebuilt meanwhile, and showed updates of the new document, or broke",
    101: "whose first answer fell into the time in which their connection was congested was never told that they have everything",
    28617: "the author of an edit that somebody else brought from another node was closed as a forger",
    198683: "who had brought a colleague's edits from another node was closed as a forger when only some of them had come by the bus",
    276014: "a node that read the log before it called anyone a forger broke when it heard of that log meanwhile",
    278690: "while a clock stood still a heartbeat that was due first kept a node from ever reading the log again",
    46007: "who had brought a colleague's edit from another node was closed as a forger when the colleague was removed",
    21639: "a clock that was set back by months between a failed reading of the log and the next event put the next try off by months",
    20734: "who knew of a segment that had been folded away, before their node did, was closed as unsound",
    40982: "who wrote into a generation that another node had begun was closed, where this one had given its clock to something else",
    510666: "a fold that was worked out before its generation was durable dropped what was edited below it until it was",
    7: "a conversion put rows that had been imported anew after a lost race back where they had stood before it",
    92: "two conversions that filled one column at two nodes mixed their values",
    771: "a deletion that was taken back was not noted, so a conversion or a fold worked out with it was taken for whole",
    509: "who had seen more of a document than a node was blamed for it once that had been rebuilt",
}
