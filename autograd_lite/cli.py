"""``autograd-lite``: what can be had without writing a program.

Each command is a pair of functions: one describes its arguments to ``argparse``, one runs. To add a
command, write the pair and name it in ``COMMANDS``. What a user did wrong ends in exit code 2, what
is missing on the machine in 1, each with a message that says what to do.

Next: ``__main__.py``.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import inspect
import io
import keyword
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from . import __version__
from .expression import names_in, parse
from .grammar import ExpressionError, cleaned, statements
from .telling.plain import SPELT_OUT
from .telling.text import DIGITS, checked_digits, number
from .value import Value

LECTURE_NEURON = "'tanh(x1*w1 + x2*w2 + b)' x1=2 w1=-3 x2=0 w2=1 b=6.8813735870195432"


#: An expression such as -x*w, which argparse would take for an option; a space tells it otherwise.
NEGATIVE = re.compile(r"^-(?=[^-oh])")


#: What Python does about characters that a stream lacks, where nobody has asked for anything.
PYTHONS_OWN = ("strict", "surrogateescape", "backslashreplace")


class UsageError(Exception):
    """The command line is wrong; the message says how."""


# --- demo -----------------------------------------------------------------------------------------


def demo_arguments(parser: argparse.ArgumentParser) -> None:
    """Train a small network on two moons and write a page about it."""
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("autograd-lite-demo"),
        metavar="FOLDER",
        help="where the page and its pictures go (%(default)s)",
    )
    parser.add_argument(
        "--seed", type=_at_least(0), default=1, help="of the points and weights (1)"
    )
    parser.add_argument("--epochs", type=_at_least(1), default=100, help="steps of training (100)")


def demo(arguments: argparse.Namespace) -> None:
    from .demo import run

    say = partial(print, flush=True)  # before the bar, which goes to the other stream
    run(arguments.output, arguments.seed, arguments.epochs, say=say)


# --- draw -----------------------------------------------------------------------------------------


def draw_arguments(parser: argparse.ArgumentParser) -> None:
    """Draw the graph of an expression, with its values and gradients."""
    _expression_arguments(parser)
    _file_argument(
        parser,
        "an .svg, .png, .pdf, .html or .dot file, or - for DOT text; without it graph.svg, or "
        "graph-2.svg where that is there already",
    )
    parser.add_argument("--theme", default="light", help="light or dark (%(default)s)")


def draw(arguments: argparse.Namespace) -> None:
    from .drawing import draw

    output: Path = arguments.output or _free("graph", ".svg")
    value, names = _computed(arguments)
    if isinstance(value, Value):
        value.backward()
    try:
        drawing = draw(value, theme=arguments.theme, digits=arguments.digits)
        if str(output) == "-":
            sys.stdout.flush()
            sys.stdout.buffer.write(drawing.to_dot().encode())  # DOT is UTF-8 on every system
        else:
            drawing.save(output)
    except ValueError as error:  # too large for a picture, or an ending that is not one
        raise UsageError(str(error)) from None
    if str(output) != "-" and isinstance(value, Value):
        print("\n".join(_gradients(arguments, value, names)), end="\n\n")
    if str(output) != "-":
        print(output)
    if isinstance(value, ExpressionError):
        raise value


def _free(stem: str, ending: str) -> Path:
    """A name in this folder that no file has yet."""
    names = (Path(f"{stem}{f'-{i}' if i > 1 else ''}{ending}") for i in count(1))
    return next(name for name in names if not name.exists())


def _gradients(arguments: argparse.Namespace, value: Value, names: dict[str, Value]) -> list[str]:
    """The value, and its slope in each name, as aligned lines."""
    shown = partial(number, digits=arguments.digits)
    text = cleaned(arguments.expression)
    _, last = statements(text)[-1]
    lines = [f"{value.label or ast.get_source_segment(text, last)} = {shown(value.data)}"]
    listed = {name: leaf for name, leaf in names.items() if leaf is not value or leaf.op is None}
    data = {name: shown(leaf.data) for name, leaf in listed.items()}
    left = max(map(len, data), default=0)
    right = max(map(len, data.values()), default=0)
    for name, leaf in listed.items():
        lines.append(f"  {name:<{left}} = {data[name]:<{right}}   gradient {shown(leaf.grad)}")
    return lines


# --- step -----------------------------------------------------------------------------------------


def step_arguments(parser: argparse.ArgumentParser) -> None:
    """Step through the forward and the backward pass of an expression."""
    _expression_arguments(parser)
    _file_argument(
        parser,
        "an .html file, or slides as .pdf, .gif or .webp; without it the steps are shown here",
    )
    parser.add_argument(
        "--quiz", action="store_true", help="a page that asks for the gradients; needs -o"
    )
    parser.add_argument(
        "--asks",
        default="gradients",
        metavar="FOR",
        help="what the quiz asks for: gradients, local, forward, order (%(default)s)",
    )
    parser.add_argument(
        "--seed", type=_at_least(0), help="draws other numbers for the names, for a page"
    )
    parser.add_argument(
        "--fault",
        help="the right and a broken backward pass side by side: overwrite (= in place of +=), "
        "no_order, no_zero_grad, twice, lost_sign",
    )
    parser.add_argument(
        "--by", default="edge", help="what a backward step is: an edge, or a node (%(default)s)"
    )
    parser.add_argument("--constants", action="store_true", help="steps into the constants too")


def step(arguments: argparse.Namespace) -> None:
    from .stepping import show, step_through, steps

    output: Path | None = arguments.output
    if arguments.quiz and not output:
        raise UsageError("The quiz is a page: add -o quiz.html.")
    if arguments.seed is not None and not output:
        raise UsageError("--seed draws numbers for a page: add -o steps.html.")
    value, _ = _computed(arguments)
    told: dict[str, Any] = {
        name: getattr(arguments, name) for name in ("digits", "fault", "by", "constants")
    }
    try:
        if output:
            quiz = arguments.quiz and arguments.asks
            print(step_through(value, quiz=quiz, seed=arguments.seed, **told).save(output))
        else:
            show(steps(value, **told))
    except ValueError as error:  # too many steps, an ending that is not a page's, no such word
        raise UsageError(str(error)) from None
    if isinstance(value, ExpressionError):
        raise value


# --- grade --------------------------------------------------------------------------------------


def grade_arguments(parser: argparse.ArgumentParser) -> None:
    """Check the codes that learners got at the end of a quiz."""
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a text or a table with the codes in it, as they came",
    )


def grade(arguments: argparse.Namespace) -> None:
    from .stepping.grading import report, works

    found = works(arguments.file.read_bytes().decode("utf-8", "replace").replace("\0", ""))
    if not found:
        raise UsageError(
            f"There is no code in {arguments.file}. A quiz ends with one, which begins with AGQ1; "
            f"put the codes of all learners into one file."
        )
    print(report(found))
    changed = found.count(None)
    if changed:
        raise AssertionError(
            f"{changed} of {len(found)} codes {'was' if changed == 1 else 'were'} changed or cut "
            f"after the quiz made them."
        )


# --- check ----------------------------------------------------------------------------------------


def check_arguments(parser: argparse.ArgumentParser) -> None:
    """Compare the gradients of an expression with difference quotients."""
    _expression_arguments(parser)


def check(arguments: argparse.Namespace) -> None:
    from .transforms import check_gradients

    values = _values(arguments)
    parse(arguments.expression, values)  # says which name has no value
    if not values:
        raise UsageError(f"There is no name in {arguments.expression!r}, so no gradient to check.")

    def f(*inputs: Value) -> Value:
        return parse(arguments.expression, dict(zip(values, inputs, strict=True)))[0]

    f.__name__ = arguments.expression
    f.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # names the lines
        [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in values]
    )
    print(check_gradients(f, *values.values()))


# --- expressions ----------------------------------------------------------------------------------


def _file_argument(parser: argparse.ArgumentParser, kinds: str) -> None:
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help=kinds)
    parser.add_argument(
        "--digits", type=_at_least(1), default=DIGITS, help="of each number, at most (%(default)s)"
    )


def _parsed(arguments: argparse.Namespace) -> tuple[Value, dict[str, Value]]:
    """The expression at its numbers, after a look at the options."""
    output: Path | None = arguments.output
    if output and not output.parent.is_dir():
        raise UsageError(f"There is no folder {output.parent} to write {output.name} into.")
    try:
        checked_digits(arguments.digits)
    except ValueError as error:
        raise UsageError(str(error)) from None
    return parse(arguments.expression, _values(arguments))


def _computed(
    arguments: argparse.Namespace,
) -> tuple[Value | ExpressionError, dict[str, Value]]:
    """As ``_parsed``; where an operation has no answer the error, of which there is a picture."""
    from .telling.refusal import refusal_of

    try:
        return _parsed(arguments)
    except ExpressionError as error:
        if refusal_of(error) is None:
            raise
        return error, {}


def _expression_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "expression",
        help="such as 'tanh(x1*w1 + b)' or 'd = a*b; L = d + c', in quotation marks",
    )
    parser.add_argument(
        "values",
        nargs="*",
        metavar="NAME=NUMBER",
        help="a number for each name in it, such as 1.5, 1/3 or pi",
    )


def _values(arguments: argparse.Namespace) -> dict[str, float]:
    """The numbers by name, ``["x=2", "w=-3"]``, as the expression needs them."""
    values: dict[str, float] = {}
    for assignment in arguments.values:
        name, equals, text = (part.strip() for part in assignment.partition("="))
        name = unicodedata.normalize("NFKC", name)
        if not equals or not name.isidentifier() or keyword.iskeyword(name):
            raise UsageError(
                f"{assignment!r} gives no value to a name. Write it like x1=2, and the expression "
                f"in quotation marks."
            )
        if name in values:
            raise UsageError(f"{name} is given twice.")
        values[name] = number_of(name, text)
    needed = names_in(arguments.expression)
    for name in values:
        if name in needed:
            continue
        if name in [made for made, _ in statements(cleaned(arguments.expression))]:
            raise UsageError(f"{name} has a value, and the expression gives it another one.")
        raise UsageError(f"{name} has a value and does not occur in the expression.")
    return values


def number_of(name: str, text: str) -> float:
    """A number, or what an expression without names gives."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return parse(text, {})[0].data
    except ExpressionError as error:
        problem = f"The value of {name} is a number, such as 1.5, 1/3 or pi; got {text!r}."
        reason = "" if "has no value" in str(error) else f"\n{error}"
        raise UsageError(problem + reason) from None


# --- the program ----------------------------------------------------------------------------------

Command = tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], None]]

#: name: (describes its arguments, runs); the help text is the first function's docstring.
COMMANDS: dict[str, Command] = {
    "demo": (demo_arguments, demo),
    "draw": (draw_arguments, draw),
    "step": (step_arguments, step),
    "grade": (grade_arguments, grade),
    "check": (check_arguments, check),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, or 2 for a wrong command line, 1 for anything else."""
    _let_terminals_show_what_they_can()
    parser = _parser()
    given = sys.argv[1:] if arguments is None else arguments
    try:
        chosen, others = parser.parse_known_args([NEGATIVE.sub(" -", text) for text in given])
        # argparse of Python 3.11 leaves NAME=NUMBER that follow an option after the expression
        if others and not (hasattr(chosen, "values") and all("=" in x[1:] for x in others)):
            parser.error(f"unrecognized arguments: {' '.join(others)}")
        if others:
            chosen.values += others
        chosen.run(chosen)
        sys.stdout.flush()
    except SystemExit as exit:  # argparse has said why
        return exit.code if isinstance(exit.code, int) else 2
    except BrokenPipeError:  # the reader has had enough, as `head` does
        with contextlib.suppress(OSError, io.UnsupportedOperation):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    except (ExpressionError, UsageError) as error:
        return _fail(error, 2)
    except (
        AssertionError,
        ImportError,
        OSError,
    ) as error:  # the first: a gradient, a code is wrong
        return _fail(error, 1)
    except RuntimeError as error:
        from .drawing import EngineError

        if not isinstance(error, EngineError):
            raise
        return _fail(error, 1)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="autograd-lite",
        description="Scalar reverse-mode automatic differentiation, from the command line.",
        epilog=f"For example:  autograd-lite draw {LECTURE_NEURON} -o neuron.svg",
    )
    parser.add_argument("--version", action="version", version=f"autograd-lite {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (describe, run) in COMMANDS.items():
        claim = (describe.__doc__ or "").strip()
        command = commands.add_parser(name, help=claim, description=claim)
        describe(command)
        command.set_defaults(run=run)
    return parser


def _at_least(least: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(
                f"it is a whole number, {least} or more; got {text.strip()!r}"
            )
        return int(text)

    return whole_number


def _fail(error: BaseException, code: int) -> int:
    print(f"autograd-lite: {error}", file=sys.stderr)
    return code


def _let_terminals_show_what_they_can() -> None:
    """A terminal without − shows - in its place, or an escape, instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in PYTHONS_OWN:
            stream.reconfigure(errors=SPELT_OUT)
