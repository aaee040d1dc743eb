"""A scene: what a picture shows, before it is known how. It holds text, and no Values.

``computation.py`` and ``network.py`` make scenes; ``dot.py`` writes a scene as DOT text. Since all
numbers in it are text already, a scene is a snapshot: training on changes no picture.

Keys name the parts, in DOT and in the SVG, where the id is ``ag-`` and the key:

============ ===================== ==================================================
key          class                 what
============ ===================== ==================================================
``n5``       ``ag-value ag-…``     the plate of value 5; the second class is its role:
                                   input, param, const, inter, output
``n5o``      ``ag-op``             the operation that made value 5
``e-n5-0``   ``ag-edge ag-in``     from operand 0 of value 5 to its operation, with ∂
``e-n5-out`` ``ag-edge ag-out``    from the operation to value 5
``c1``       ``ag-module``         the box around a module
``p2``       ``ag-port``           where a value enters a module
``e-p2``     ``ag-edge ag-lead``   from the value to that port; its classes also name every
                                   edge that continues it: ``ag-e-n5-0``
``m3``       ``ag-unit``           a module drawn as one box
``e-m3-1``   ``ag-edge ag-weight`` from a box or a value into module 3
============ ===================== ==================================================

Next: ``dot.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Mark:
    """A plate (it has rows), an operation, a port, a heading."""

    key: str
    role: str  # of the theme; a variant has a second word: "op active"
    classes: str
    name: str = ""
    note: str = ""  # small print after the name
    rows: tuple[tuple[str, str], ...] = ()  # ("data", "2"), ("grad", "−1.5")
    tooltip: str = ""
    width: int = 0  # of a plate, at least, in points


@dataclass
class Edge:
    """From ``tail`` to ``head``, both keys of nodes."""

    tail: str
    head: str
    key: str
    classes: str
    label: str = ""
    tooltip: str = ""
    role: str = "edge"
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Cluster:
    """A box around nodes and further boxes. The outermost one has no key and is not drawn."""

    key: str = ""
    title: str = ""
    tooltip: str = ""
    nodes: list[Mark] = field(default_factory=list)
    clusters: list[Cluster] = field(default_factory=list)

    def walk(self) -> Iterator[Cluster]:
        """This cluster and all within it. (No deeper than modules are nested in each other.)"""
        yield self
        for cluster in self.clusters:
            yield from cluster.walk()


@dataclass
class Scene:
    """Everything a picture shows."""

    title: str
    top: Cluster = field(default_factory=Cluster)
    edges: list[Edge] = field(default_factory=list)
    columns: list[list[str]] = field(default_factory=list)  # keys, one below the other
    attributes: dict[str, str] = field(default_factory=dict)  # of the graph
    caption: str = ""  # what went wrong, below it

    def nodes(self) -> Iterator[Mark]:
        for cluster in self.top.walk():
            yield from cluster.nodes
