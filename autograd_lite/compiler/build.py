"""``compile``: from a graph, or from a function that records one, to a program.

Next: ``../nn/__init__.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import compress
from typing import Any, Literal, overload

from ..engine.collector import few_collections
from ..engine.order import topological_order
from ..signatures import Vector
from ..value import Value
from .arrays.derive import derive
from .arrays.instructions import VIEWS, Leaf, Number, Table, reachable
from .arrays.maker import Code
from .arrays.tape import tape_of
from .batch import for_samples
from .eager import by_inputs, by_parameters, by_products
from .jacobian import jacobian_code
from .machine.native import Native, machine_code, machine_code_of
from .machine.strength import strengthened
from .machine.table import large
from .matrices import (
    MATRICES,
    PRODUCTS,
    Anew,
    Columns,
    Entries,
    columns,
    hessian_times_code,
    varying,
)
from .program import Plan, Program
from .recorded import Compilable, Graph, graph_of
from .recover.freeze import Frozen, freeze
from .recover.positions import Positions, positions_of, roles_of
from .recover.ragged import filled
from .recover.repeats import NODES
from .recover.views import recover, recovered
from .write.rolled import rolled
from .write.scalars import scalars
from .write.source import ProgramText, array_text, straight_text, taped_text

#: So many objects are made before the collector looks at any.
MANY = 10_000_000
#: Kinds of instructions that cost next to nothing.
FREE = (*VIEWS, Leaf, Number, Table)
#: Nanoseconds: a NumPy call, one element of it, one operation of straight-line Python. Measured
#: on moons nets and recurrences; the choice is robust, since the two sides are seldom close.
CALL, ELEMENT, OPERATION = 1000.0, 1.5, 30.0

PRODUCT = "The Hessian times a vector v; p holds the parameters and then v."


@overload
def compile(
    what: Value | Callable[..., Value],
    inputs: Sequence[object] | None = None,
    batch: Literal["mean", "sum"] | None = None,
    native: bool = False,
    parameters: Iterable[Value] | None = None,
    once: Value | Callable[[], Value] | None = None,
) -> Program[float]: ...
@overload
def compile(
    what: Sequence[Value | float] | Callable[..., Sequence[Value | float]],
    inputs: Sequence[object] | None = None,
    batch: Literal["each"] | None = None,
    native: bool = False,
    parameters: Iterable[Value] | None = None,
) -> Program[Vector]: ...
@overload
def compile(
    what: Callable[..., Value | Sequence[Value | float]],
    inputs: Sequence[object],
    batch: Literal["each"],
    native: bool = False,
    parameters: Iterable[Value] | None = None,
) -> Program[Vector]: ...
def compile(
    what: Compilable,
    inputs: Sequence[object] | None = None,
    batch: str | None = None,
    native: bool = False,
    parameters: Iterable[Value] | None = None,
    once: Value | Callable[[], Value] | None = None,
) -> Program[Any]:
    """A program for the graph of a Value, or of a list of them, or for a function.

    ``inputs`` are the leaves that later calls may replace by arrays: each a Value or nested lists
    of Values, an array of that shape to the program. The program's flat vector holds the
    ``parameters`` in the order given. Without any given these are all ``Parameter`` leaves; in a
    graph without such, all Values that are not inputs; ``program.parameters`` says in which order.
    Other leaves keep the numbers that they have now. Bare numbers among the outputs are constants.

    A function is recorded with Values in the form of ``inputs``, which are then examples: numbers,
    arrays or nested lists. With a ``batch`` it is written for one sample, while arrays (examples
    too) have the samples along their first axis, any number of them. The program gives the
    ``"mean"`` or the ``"sum"`` of its values, or what it returns for ``"each"``: a row per sample.
    What is to be added once to a mean or a sum, such as a penalty on weights, is ``once``: a Value,
    or a function of nothing that returns one.

    With ``native`` it runs as machine code (the extra ``autograd_lite[native]``), several times as
    fast for small batches and for graphs without matrices, after a tenth of a second or more of
    compiling. The code is kept for the next run, in the user's cache folder, or in that which the
    environment variable ``AUTOGRAD_LITE_CACHE`` names; ``off`` keeps none.

    The graph is frozen: a branch that Python took while recording (``if x > 0``) stays taken.

    Raises ``TypeError`` or ``ValueError`` where the pieces do not fit together, and where a
    function compares Values that depend on its inputs or on parameters.

    >>> x, y = Value(3.0, label="x"), Value(4.0, label="y")
    >>> program = compile(x * y + y.exp())
    >>> program.value_and_grad([1.0, 0.0])
    (1.0, array([0., 2.]))
    >>> compile(lambda x: (2 * x).tanh(), inputs=[[0.0]], batch="each")([0.0, 20.0, -20.0])
    array([ 0.,  1., -1.])
    >>> total = compile(lambda a: a * x, inputs=[[0.0]], batch="sum", once=0.5 * x**2)
    >>> total([1.0, 2.0, 3.0])  # 3 + 6 + 9 + 4.5
    22.5
    """
    # a compile makes many objects and drops few: of a million operations a quarter of the time
    with few_collections(MANY):
        return Program(plan_of(graph_of(what, inputs, batch, parameters, once), native))


def plan_of(graph: Graph, native: bool) -> Plan:
    """Freeze, recover, derive, write; ``Program`` runs it.

    All that was built on the way is gone before the text is compiled: 3 % of a long recurrence.
    """
    code, vector = recover_code(graph, native)
    if native:
        machine = write_machine_code(graph, code)
        text = partial(text_again, graph, vector)
    else:
        machine, text = None, partial(itself, write(graph, code))
    in_arrays, slopes = partial(text_in_arrays, graph, vector), partial(jacobian_of, graph, native)
    more = partial(beyond_batch if graph.batch else beyond, graph, vector, native)
    straight = bool(code.rows)
    return Plan(graph, vector, straight, text, in_arrays, machine, by_parameters, slopes, more)


def itself(text: ProgramText) -> ProgramText:
    return text


def text_again(graph: Graph, vector: Sequence[Value]) -> ProgramText:
    """The text of a program that runs as machine code: to write it always took half of the time.

    It is written where somebody reads it, or where another form has to answer.
    """
    with few_collections(MANY):
        code, _ = recover_code(graph._replace(parameters=vector, chosen=True), native=True)
        return write(graph, code)


def beyond(
    graph: Graph, parameters: Sequence[Value], native: bool, what: str
) -> Program[Vector] | tuple[Entries, list[bool], Program[Vector] | None]:
    """A product with a vector, or what there is to know of a matrix of derivatives."""
    anew = Anew.of(graph, parameters)
    if what in PRODUCTS:
        outputs, leaves = PRODUCTS[what](anew)
        return compile(outputs, [leaves, *anew.inputs], native=native, parameters=anew.parameters)
    entries = MATRICES[what](anew)
    vary = varying(entries.values, anew)
    outputs = list(compress(entries.values, vary))
    if not outputs:
        return entries, vary, None
    program = compile(outputs, anew.inputs, native=native, parameters=anew.parameters)
    return entries, vary, program


def beyond_batch(
    graph: Graph, parameters: Sequence[Value], native: bool, what: str
) -> Program[Vector] | tuple[Entries, list[bool], Columns]:
    """The Hessian of a batch, or its product with a vector: the derivative of the array form."""
    code, _ = recover_code(graph._replace(parameters=parameters, chosen=True))
    code = hessian_times_code(code)
    both = [*parameters, *[Value(0.0) for _ in parameters]]
    graph = graph._replace(shape=code.outputs[0].shape, parameters=both)
    machine = write_machine_code(graph, code) if native else None
    text = partial(itself, write(graph, code).claiming(PRODUCT))
    plan = Plan(graph, both, False, text, None, machine, by_products, None, None)
    product: Program[Vector] = Program(plan)
    return product if what == "hvp" else columns(product, len(parameters))


def jacobian_of(graph: Graph, native: bool) -> Program[Any]:
    """The program of the derivatives by the inputs: a row for each sample, or for all there is."""
    each = "each" if graph.batch else None
    order = topological_order(*graph.outputs, *graph.parameters)
    graph = graph._replace(shape=(), once=None, order=order, batch=each)
    code, vector = code_of_one(graph, native)
    code = jacobian_code(code, graph.inputs)
    graph = graph._replace(shape=(sum(math.prod(y.shape) for y in code.outputs),))
    if each:
        code = for_samples(code, graph.inputs, each)
    machine = write_machine_code(graph, code) if native else None
    text = partial(itself, write(graph, code))
    return Program(Plan(graph, vector, bool(code.rows), text, None, machine, by_inputs, None, None))


def freeze_graph(
    graph: Graph, parameters: Sequence[Value], positions: Positions | None = None
) -> Frozen:
    leaves = [x.leaves for x in graph.inputs]
    return freeze(graph.order, graph.all_outputs, parameters, leaves, positions=positions)


def recover_code(graph: Graph, native: bool = False) -> tuple[Code, list[Value]]:
    """In arrays for any number of samples; of a graph as it is, in whichever form is quicker.

    With the parameters in the order of the vector.
    """
    code, vector = code_of_one(graph, native)
    return (for_samples(code, graph.inputs, graph.batch) if graph.batch else code), vector


def code_of_one(graph: Graph, native: bool) -> tuple[Code, list[Value]]:
    positions = None
    if not graph.batch and len(graph.order) >= NODES:
        roles = roles_of(graph.parameters, [x.leaves for x in graph.inputs])
        positions = positions_of(graph.order, roles)
        given = roles, graph.outputs, graph.parameters, graph.inputs
        # LLVM takes far longer over the steps of loops alike, as arrays, than over those loops
        worth_it = (lambda turn, _: quicker_in_floats(turn)) if native else quicker_in_floats
        if code := rolled(graph.order, positions, *given, worth_it):
            return code, list(graph.parameters)
    longer = with_long_rows(graph)
    some = longer or graph
    if longer:
        positions = None  # those of the graph as it was
    frozen = freeze_graph(some, graph.parameters, positions)
    del positions  # a tenth of all memory
    order = order_of(graph, frozen)
    if graph.batch:
        code = recover(frozen, some.inputs, some.shape != (), order, longer is not None)
    else:
        arrays = arrays_where_quicker(some, frozen, longer is not None)
        if arrays is None and longer:
            frozen = freeze_graph(graph, graph.parameters)
        code = arrays or scalars(frozen, graph.inputs, order_of(graph, frozen))
    return code, frozen.values(code.parameters)


def with_long_rows(graph: Graph) -> Graph | None:
    """The graph with rows of different lengths made equally long, if there are such."""
    found = filled(graph.order, graph.all_outputs)
    if found is None:
        return None
    order, outputs = found
    once = None if graph.once is None else outputs.pop()
    order = [*dict.fromkeys([*graph.parameters, *order])]
    return graph._replace(outputs=outputs, once=once, order=order)


def quicker_in_floats(frozen: Frozen, times: int = 1) -> bool:
    """Whether so many of it are quicker in straight-line Python, whatever NumPy's calls do."""
    return times * in_floats(frozen) < in_calls(frozen)


def in_floats(frozen: Frozen) -> float:
    """How long straight-line Python takes."""
    return OPERATION * frozen.reads()


def in_calls(frozen: Frozen) -> float:
    """How long NumPy takes at least: each class takes one call or more."""
    return CALL * len(frozen.classes)


def order_of(graph: Graph, frozen: Frozen) -> list[int] | None:
    """The order in which somebody gave the parameters; None where any will do."""
    return [frozen.at[x] for x in graph.parameters] if graph.chosen else None


def arrays_where_quicker(graph: Graph, frozen: Frozen, farther: bool) -> Code | None:
    """The graph in arrays; None where straight-line Python is expected to be quicker.

    The forward pass stands for both passes: the derivative has about twice as many operations in
    either form.
    """
    if quicker_in_floats(frozen):
        return None
    code = recover(frozen, graph.inputs, graph.shape != (), order_of(graph, frozen), farther)
    return None if in_floats(frozen) < in_arrays(code) else code


def in_arrays(code: Code) -> float:
    """How long NumPy takes."""
    calls = [x for x in reachable(code.outputs) if not isinstance(x, FREE)]
    return sum(CALL + ELEMENT * math.prod(x.shape) for x in calls)


def write(graph: Graph, code: Code) -> ProgramText:
    """The text of the program, with its gradient where there is one."""
    if text := taped_text(code, graph.single):
        return text
    results = derive(code, gradient=graph.single)
    if code.rows:
        return straight_text(code, results)
    return array_text(code, results, graph.inputs, batch=graph.batch is not None)


def write_machine_code(graph: Graph, code: Code) -> Native:
    if tape := tape_of(code, graph.single, large):
        return machine_code_of(tape, graph.single).compile()
    results = derive(code, gradient=graph.single).functions()
    functions = {name: strengthened(code.arrays, xs) for name, xs in results.items()}
    names = ["p", *[x.name for x in graph.inputs]]
    made = machine_code(functions, names, code.rows, batch=graph.batch is not None)
    return made.compile()


def text_in_arrays(graph: Graph, vector: Sequence[Value]) -> ProgramText:
    """The program in arrays of a graph that runs in floats, with the same parameter vector."""
    frozen = freeze_graph(graph, vector)
    code = recovered(frozen, graph.inputs, [frozen.at[x] for x in vector], graph.shape != ())
    return write(graph, code)
