"""What a graph is called, for people: names, roles, homes and formulas, as data.

Pictures and steps tell of the same graph, and so read the same facts.

Next: ``text.py``.
"""
