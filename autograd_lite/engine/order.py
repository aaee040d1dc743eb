"""The order in which a graph is walked: parents before children, each node once.

Next: ``steep.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from .core import in_c
from .groups import data_of, is_node, mapped
from .inputs import told
from .node import N, Node, groups


@in_c
def topological_order(*outputs: N) -> list[N]:
    """Every node below the outputs, each once, parents before children, in a fixed order.

    Iterative: a chain of 1,000 nodes would overflow a recursive walk.

    >>> from autograd_lite import Value
    >>> a, b = Value(1.0, label="a"), Value(2.0, label="b")
    >>> [node.label or node._op for node in topological_order(a * b + b)]
    ['a', 'b', '*', '+']
    """
    for output in outputs:
        if not is_node(output):
            came = told(output)[0]
            raise TypeError(f"topological_order takes Values, which have a graph; got {came}.")
    seen: set[N] = set()
    walked: set[int] = set()  # groups of operands that are done, such as a layer's shared inputs
    order: list[N] = []
    stack: list[Any] = list(reversed(outputs))
    append, push, pop, see = order.append, stack.append, stack.pop, seen.add
    while stack:
        node = pop()
        if node is None:  # everything below the next one has been appended
            append(pop())
        elif node is walked:  # the same, for a node with groups
            append(node := pop())
            walked.add(id(node._left))
            walked.add(id(node._right))
        elif node not in seen:
            see(node)
            left = node._left
            if left is None:
                append(node)
                continue
            push(node)
            right = node._right
            if type(left) is tuple:
                push(walked)
                if right is not None and id(right) not in walked:
                    stack.extend(reversed(right))
                if id(left) not in walked:
                    stack.extend(reversed(left))
            else:
                push(None)
                if right is not None:
                    push(right)
                push(left)
    return order


def columns(order: Sequence[N]) -> tuple[list[Any], list[Any], list[Any]]:
    """The operations of these nodes, and their two groups of operands, in a list each.

    >>> from autograd_lite import Value
    >>> operations, lefts, rights = columns([x := Value(2.0), x * x])
    >>> rights == [None, x]
    True
    """
    return [x.op for x in order], [x._left for x in order], [x._right for x in order]


@in_c
def operations_below(output: N) -> list[N]:
    """The nodes of ``topological_order(output)`` that have operands, each with ``grad`` set to 0.

    What ``backward`` walks: it needs no leaves, which are half of a graph, and no set. The zero
    is a float of this walk's own, so whoever holds it as its ``grad`` has been visited.

    >>> from autograd_lite import Value
    >>> a = Value(3.0)
    >>> [node._op for node in operations_below((a * a + a).tanh())]
    ['*', '+', 'tanh']
    """
    zero = float("0")  # an object of its own; 0.0 would be shared
    walked = {id(None)}  # groups of operands that are done, such as a layer's inputs, or absent
    order: list[N] = []
    stack: list[Any] = []
    append, push, pop = order.append, stack.append, stack.pop
    node: Any = output
    while node.op is not None:
        # Down, while an operand is left to visit; a node without such is done.
        if node._grad is not zero:
            node._grad = zero
            left = node._left
            right = node._right
            if type(left) is tuple:
                if id(left) in walked and id(right) in walked:  # as for most neurons
                    append(node)
                else:
                    push(node)
                    push(walked)
                    if id(right) not in walked:
                        stack.extend([x for x in reversed(right) if x.op is not None])
                    if id(left) not in walked:
                        stack.extend([x for x in reversed(left) if x.op is not None])
            elif left.op is not None and left._grad is not zero:
                push(node)
                push(None)
                if right is not None and right.op is not None:
                    push(right)
                node = left
                continue
            elif right is not None and right.op is not None and right._grad is not zero:
                push(node)
                push(None)
                node = right
                continue
            else:
                append(node)
        # Up again: None and `walked` stand above a node whose operands are done by now.
        while stack:
            node = pop()
            if node is None:
                append(pop())
            elif node is walked:
                append(node := pop())
                walked.add(id(node._left))
                walked.add(id(node._right))
            else:
                break
        else:
            break
    return order


def recomputed(order: Sequence[N]) -> dict[N, float]:
    """The nodes whose number is another one, as their leaves are now, with that number.

    >>> from autograd_lite import Value
    >>> x = Value(2.0)
    >>> y = x * x
    >>> x.data = 3.0
    >>> recomputed([x, y])[y]
    9.0
    """
    if not any(map(_is_stale, order)):  # nearly always
        return {}
    changed: dict[N, float] = {}
    for node in order:
        if node.op is not None:
            now = node.op.finite(*[mapped(partial(_as_is_now, changed), x) for x in groups(node)])
            if now is not None and now != node._data:
                changed[node] = now
    return changed


def _is_stale(node: Node) -> bool:
    """Whether the operands of a node hold other numbers now than when it was made."""
    op, left, right = node.op, node._left, node._right
    if op is None:
        return False
    try:
        if type(left) is tuple:
            z = op.compute(*map(data_of, groups(node)))
        elif right is None:
            z = op.compute(left._data)
        else:
            z = op.compute(left._data, right._data)
    except (ArithmeticError, ValueError):  # recorded with infinities, as IEEE 754 says
        return False
    return z != node._data and z == z and node._data == node._data


def _as_is_now(changed: dict[Any, float], x: Any) -> float:
    return changed[x] if x in changed else float(x._data)
