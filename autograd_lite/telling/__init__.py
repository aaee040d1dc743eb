"""What a graph is called, for people: names, roles, homes and formulas, as data.

Pictures and steps tell of the same graph, and so read the same facts: ``subject.py`` gathers them.
How an operation is written, on a plate or in a formula, stands in the table of ``writing.py``.

Next: ``text.py``.
"""
