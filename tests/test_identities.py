"""The algebra of array instructions: each row is true for numbers, edges included, and is used."""

import ast
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autograd_lite import Parameter, compile, ops
from autograd_lite.compiler.arrays.identities import IDENTITIES, REWRITES, Identity
from autograd_lite.compiler.arrays.instructions import (
    LARGEST,
    Array,
    Contract,
    Expand,
    Map,
    Reduce,
    Total,
    broadcast,
)
from autograd_lite.compiler.arrays.maker import Arrays
from autograd_lite.compiler.write.printer import Printer
from autograd_lite.compiler.write.spelling import to_be_read
from autograd_lite.engine.primitive import TABLE
from autograd_lite.languages.numpy import HELPERS

SIGNS = {ast.Add: ops.add, ast.Sub: ops.sub, ast.Mult: ops.mul, ast.Div: ops.div}
MAPS = {name: TABLE[name] for name in ("sum", "prod", "mean", "square", "sech")}
MAPS["exp_difference"] = ops.exp_difference
REDUCTIONS = {"largest": LARGEST, "logsumexp": ops.logsumexp, "reduce_sum": ops.sum}
NUMBERS = {"c": 2.0, "d": -0.5}
N = 216

#: What the words of the claims mean to NumPy.
MEANING: dict[str, Callable[..., Any]] = {
    "sum": lambda *xs: np.add.reduce(np.stack(xs), 0, initial=-0.0),
    "prod": lambda *xs: np.prod(np.stack(xs), 0),
    "mean": lambda *xs: np.add.reduce(np.stack(xs), 0, initial=-0.0) / len(xs),
    "square": np.square,
    "sech": lambda x: 1 / np.cosh(x),
    "exp": np.exp,
    "log": np.log,
    "exp_difference": lambda x, y: np.exp(x - y),
    "reduce_sum": lambda x: np.sum(x, 0),
    "total": lambda x: np.sum(x, 0),
    "largest": lambda x: np.max(x, 0),
    "logsumexp": np.logaddexp.reduce,
    "expand": lambda x: np.full(3, x),
    "outer": np.outer,
    "contract": np.dot,
}

by_claim = pytest.mark.parametrize("row", IDENTITIES, ids=lambda row: row.claim)


def sides(row: Identity) -> tuple[str, str]:
    left, right = row.claim.split(" = ")
    return left, right


def element_by_element(row: Identity) -> bool:
    return row.numbers is not None


class Built:
    """The left side of a claim: its operands as they are, and what becomes of the whole."""

    def __init__(self, row: Identity) -> None:
        self.arrays = Arrays()
        self.shape = (N,) if element_by_element(row) else () if "expand" in row.claim else (3,)
        tree = ast.parse(sides(row)[0], mode="eval").body
        kind, data, trees = self.read(tree)
        self.operands = [self.untouched(tree) for tree in trees]
        self.more = data if kind in (Total, Contract) else ()
        whole: dict[Any, Callable[..., Array]] = {
            Map: lambda *xs: self.arrays.map(*data, *xs),
            Reduce: lambda x: self.arrays.reduce(*data, x),
            Total: lambda x: self.arrays.total(x, *data),
            Contract: lambda a, b: self.arrays.contract(a, b, *data),
        }
        self.result = whole[kind](*self.operands)

    def read(self, tree: ast.expr) -> tuple[Any, tuple[Any, ...], list[ast.expr]]:
        """Kind, data and operands of an expression."""
        match tree:
            case ast.BinOp(op=ast.Pow()):
                return Map, (ops.power(float(ast.literal_eval(tree.right))),), [tree.left]
            case ast.BinOp():
                return Map, (SIGNS[type(tree.op)],), [tree.left, tree.right]
            case ast.UnaryOp():
                return Map, (ops.neg,), [tree.operand]
            case ast.Call(func=ast.Name("expand")):
                return Expand, (), tree.args
            case ast.Call(func=ast.Name("total")):
                return Total, ((0,),), tree.args
            case ast.Call(func=ast.Name("outer")):
                return Contract, (("i", "j", "ij"),), tree.args
            case ast.Call(func=ast.Name("contract")):
                return Contract, (("i", "i", ""),), tree.args
            case ast.Call(func=ast.Name(name)) if name in REDUCTIONS:
                return Reduce, (REDUCTIONS[name],), tree.args
            case ast.Call(func=ast.Name(name)):
                return Map, (MAPS[name],), tree.args
        raise AssertionError(ast.dump(tree))

    def untouched(self, tree: ast.expr) -> Array:
        """The instruction of an expression, simplified by nothing."""
        arrays = self.arrays
        match tree:
            case ast.Name(name):
                number = NUMBERS.get(name)
                return arrays.leaf(name, self.shape) if number is None else arrays.number(number)
            case ast.Constant(value=int() as number):
                return arrays.number(float(number))
            case ast.UnaryOp(operand=ast.Constant(value=int() as number)):
                return arrays.number(-float(number))
        kind, data, trees = self.read(tree)
        xs = tuple([self.untouched(x) for x in trees])
        shapes = [x.shape for x in xs]
        shape = {
            Map: lambda: broadcast(shapes), Reduce: lambda: shapes[0][1:], Expand: lambda: (3,),
            Total: lambda: shapes[0][1:], Contract: lambda: shapes[0] + shapes[1],
        }[kind]()  # fmt: skip
        return arrays.make(kind, xs, shape, *data)

    def run(self, given: dict[str, Any]) -> Any:
        """What the printed program of the result computes."""
        tables: dict[str, Any] = {}
        lines = Printer({"y": self.result}, {}, tables).print()
        space = {"np": np, **given, **tables}
        exec(to_be_read("\n".join([*HELPERS.values(), *lines])), space)
        return space["y"]


def ordinary(row: Identity) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=Built(row).shape) for name in "abx"}


def both_ways(row: Identity, given: dict[str, Any]) -> list[NDArray[Any]]:
    """The left side, the right side, and what was made of the left side, in numbers."""
    with np.errstate(all="ignore"):
        answers = [eval(side, {**MEANING, **NUMBERS, **given}) for side in sides(row)]
        answers.append(Built(row).run(given))
    return [np.broadcast_to(y, np.shape(answers[0])) for y in answers]


@by_claim
def test_an_identity_is_true(row: Identity) -> None:
    left, right, made = both_ways(row, ordinary(row))
    np.testing.assert_allclose(right, left, rtol=1e-15, atol=1e-15)
    np.testing.assert_allclose(made, left, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize(
    "row", [row for row in IDENTITIES if row.numbers], ids=lambda row: row.claim
)
def test_it_is_true_of_infinities_and_nan_and_of_the_signs_of_zero(row: Identity) -> None:
    edges = np.array([*product([0.0, -0.0, np.inf, -np.inf, np.nan, 1.5], repeat=3)]).T
    left, right, made = both_ways(row, dict(zip("xab", edges, strict=True)))
    np.testing.assert_allclose(right, left, rtol=1e-15, atol=0.0)
    np.testing.assert_allclose(made, left, rtol=1e-15, atol=0.0)
    zero = left == 0.0
    agree = (np.signbit(left) == np.signbit(made))[zero].all()
    assert agree == (row.but != "the sign of 0"), "say so, or that it is covered"


@by_claim
def test_it_is_used_where_its_left_side_stands(row: Identity) -> None:
    built = Built(row)
    rewritten = row.rewrite(built.arrays, *built.operands, *built.more)
    assert rewritten is not None
    assert built.result is rewritten


def test_every_row_is_found() -> None:
    found = {rewrite for rewrites in REWRITES.values() for rewrite in rewrites}
    assert found == {row.rewrite for row in IDENTITIES}
    assert len({row.claim for row in IDENTITIES}) == len(IDENTITIES)


def test_numbers_are_computed_and_what_has_no_finite_answer_is_left_to_the_program() -> None:
    arrays = Arrays()
    number, one, zero = arrays.number, arrays.number(1.0), arrays.number(0.0)
    assert arrays.map(ops.add, number(2.0), number(3.0)) is number(5.0)
    assert arrays.map(ops.sum, number(2.0), number(3.0), one) is number(6.0)
    for op, operands in [(ops.div, (one, zero)), (ops.log, (zero,)), (ops.exp, (number(1e3),))]:
        assert isinstance(arrays.map(op, *operands), Map)
    assert number(0.0) is not number(-0.0)


def test_quotients_of_arrays_of_numbers() -> None:
    ps, qs = [[Parameter(0.1 + 0.01 * k) for k in range(200)] for _ in range(2)]
    quotients = [k / q for k, q in enumerate(qs)]
    y = sum((p * quotient).tanh() for p, quotient in zip(ps, quotients, strict=True))
    program = compile(y)
    assert "C1 / " in str(program)
    assert program() == pytest.approx(y.data, rel=1e-14)
