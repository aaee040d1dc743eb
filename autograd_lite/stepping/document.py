"""A page complete in itself: it loads nothing, and its policy lets it load nothing.

Next: ``slides.py``.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from importlib.resources import files
from string import Template

#: One program, which reads the data as JSON.
PROGRAM = """<script type="application/json" id="data">$data</script>
<script>
(() => {
'use strict';
$script
})();
</script>"""


def document(
    title: str,
    style: str,
    body: str,
    data: object = None,
    scripts: Iterable[str] = (),
    images: bool = False,
    icon: str = "",
) -> str:
    """The page of a filled-in body; ``images`` may stand in it as data, as its ``icon`` does.

    >>> page = document("a < b", "p { margin: 0 }", "<p>Hello</p>", {"n": 1}, ["start();"])
    >>> "<title>a &lt; b</title>" in page, 'id="data">{"n":1}</script>' in page
    (True, True)
    >>> "<script" in document("a", "", "<p>Hello</p>")
    False
    """
    template = Template(files(__package__).joinpath("assets/document.html").read_text("utf-8"))
    code = "\n".join(filter(None, scripts))
    return template.substitute(
        title=html.escape(title),
        style=style,
        more="; img-src data:" if images or icon else "",
        icon=f'<link rel="icon" href="{html.escape(icon)}">\n' if icon else "",
        body=body.strip("\n"),
        program=Template(PROGRAM).substitute(data=safe_json(data), script=code) if code else "",
    )


def safe_json(data: object) -> str:
    """JSON that may stand in a ``<script>``: no ``<`` could end it, no line separator break it.

    >>> safe_json({"a": "</script>"})
    '{"a":"\\\\u003c/script>"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
