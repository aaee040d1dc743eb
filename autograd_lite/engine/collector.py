"""``few_collections``: large graphs without the cycle collector's visits.

Python's collector looks for cycles whenever 700 objects have been added, and now and then visits
all there are. A graph holds no cycles and is freed at once when it is dropped, so while one of a
million nodes grows this is half of the time, spent in vain.

What is glossed over: the threshold is the process's, not a thread's.

Next: ``../languages/__init__.py``.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def few_collections(every: int = 100_000) -> Iterator[None]:
    """Inside, the collector runs once in ``every`` new objects. It pays from 10,000 nodes on.

    The threshold comes back at the end. A collector that is switched off stays off. Cycles that
    other code drops inside are freed later than usual.

    >>> from autograd_lite import Value
    >>> x = Value(1.0)
    >>> with few_collections():
    ...     y = sum([x] * 100_000)
    ...     y.backward()
    >>> x.grad
    100000.0
    """
    before = gc.get_threshold()
    if before[0]:  # 0 means never
        gc.set_threshold(max(every, before[0]), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
