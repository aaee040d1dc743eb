"""How results show themselves in a notebook: as HTML that is complete in itself.

A class says what is to be seen, as texts and numbers; the rooms' HTML is made here and nowhere
else. Nothing of it loads before something is shown. ``html.py`` has plates, tables and verdicts,
``images.py`` pictures that follow the theme, ``curves.py`` what fell over the epochs, ``source.py``
a program in colours, ``frames.py`` whole pages.

An exported notebook keeps all of that. One that is not trusted keeps the elements and loses style
sheets, scripts and SVG: what is hidden until the style sheet shows it is then replaced by text.

Next: ``html.py``.
"""
