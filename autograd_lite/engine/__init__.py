"""What keeps the engine right and quick, in rooms of their own.

None of these modules knows the class ``Value``: they read the slots of a node. So imports go one
way, and ``value.py`` reads as what it is.

Next: ``floats.py``.
"""
