"""Verifying what is stored of a list: its tables against its document, its log against its audit, and the audit's chain.

Nothing is changed. Differences carry no values unless somebody asks to see them: values are personal data.
"""

from realtime.verifying.difference import Difference
from realtime.verifying.lists import Verification

__all__ = ["Difference", "Verification"]
