"""What a graph is called, for people: names, roles, homes and formulas, as data.

Pictures and steps tell of the same graph, and so read the same facts: ``subject.py`` gathers them,
``names.py`` what a value is called, ``homes.py`` which module made it, ``lines.py`` which line of
the program, ``refusal.py`` what could not be made, ``drawable.py`` what was given, ``folds.py``
what is alike. How an operation is written, on a plate or in a formula, stands in the table of
``writing.py``; ``formulas.py`` writes the lines of a step with it.

Next: ``text.py``.
"""
