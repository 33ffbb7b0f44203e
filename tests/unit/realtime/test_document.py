"""The list document as an object of this process."""

import gc
from weakref import ref

from realtime.core.document import ListDocument
from tests.property_list import first_batch


def test_a_document_that_nobody_holds_is_freed() -> None:
    """Rooms build their draft anew and close: what they let go of, the native library lets go of, too."""
    document = ListDocument(1)
    document.apply([first_batch().updates[0].update])
    held = ref(document._doc)
    del document
    gc.collect()
    assert held() is None
