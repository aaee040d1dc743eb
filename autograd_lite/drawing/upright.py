"""Neuron 1 above neuron 2: undo the order in which an engine stacks what stands side by side.

Graphviz keeps the order of the text, or turns it upside down, depending on its version (from 14
on it does) and on how deep clusters nest; ``ordering`` and invisible edges do not help inside
clusters. Turning the text upside down does. So a picture is drawn, looked at, and where most of it
came out upside down it is drawn again.

Next: ``svg.py``.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from .scene import Cluster, Scene

LEAVES = {"input", "parameter", "constant"}
SVG = "{http://www.w3.org/2000/svg}"
SAME_COLUMN = 40.0  # points; plates of one rank differ in width by less

Places = Mapping[str, tuple[float, float]]


def places(svg: bytes) -> dict[str, tuple[float, float]]:
    """The centre of each part of a picture that has a key, y downwards."""
    found = {}
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        id = group.get("id", "")
        for shape in group.iter() if id.startswith("ag-") else ():
            points = shape.get("points") or shape.get("d")
            if points:
                pairs = re.findall(r"(-?[\d.]+),(-?[\d.]+)", points)
                xs, ys = zip(*((float(x), float(y)) for x, y in pairs), strict=True)
                found[id[3:]] = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
                break
    return found


def disorder(scene: Scene, at: Places) -> int:
    """How many more pairs stand upside down than upright, over the lists where that is so."""
    return sum(max(0, _upside_down(keys, at)) for lists in _lists(scene).values() for keys in lists)


def turned(scene: Scene, asked: Scene, at: Places) -> Scene:
    """The scene with those lists reversed that came out upside down, as ``asked`` has them."""
    right = _lists(asked)

    def turn(cluster: Cluster) -> Cluster:
        plates, boxes = (_upside_down(keys, at) > 0 for keys in right[cluster.key])
        clusters = [turn(inner) for inner in cluster.clusters]
        return replace(
            cluster,
            nodes=cluster.nodes[::-1] if plates else cluster.nodes,
            clusters=clusters[::-1] if boxes else clusters,
        )

    return replace(scene, top=turn(scene.top))


def _lists(scene: Scene) -> dict[str, tuple[list[str], list[str]]]:
    """What has an order within each cluster: its leaves, its boxes."""
    tied = {key for column in scene.columns for key in column}
    return {
        cluster.key: (
            [node.key for node in cluster.nodes if node.role in LEAVES and node.key not in tied],
            [inner.key for inner in cluster.clusters],
        )
        for cluster in scene.top.walk()
    }


def _upside_down(keys: Sequence[str], at: Places) -> int:
    """Pairs in one column that are upside down, less those that are upright."""
    balance = 0
    for a, b in combinations((at[key] for key in keys if key in at), 2):
        if abs(a[0] - b[0]) < SAME_COLUMN:
            balance += 1 if a[1] > b[1] else -1
    return balance
