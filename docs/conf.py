"""The site: ``python -m sphinx -W --keep-going -b html docs docs/_build/html``.

Sources of other folders (the README, the notebooks) are collected into this one when a build
begins, by ``_ext/collect.py``; git ignores what is collected. The page asks no other host for
anything, so that it reads without a network: formulas are MathML, made at build time.
"""

import os
import sys
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "autograd_lite"
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent)]
os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])

os.environ["AUTOGRAD_LITE_PURE"] = "1"  # the core in Python is the one that states its types
from autograd_lite import __version__ as release  # noqa: E402 - the checkout's

del os.environ["AUTOGRAD_LITE_PURE"]  # notebooks run as they do for others

project = "autograd_lite"
author = "The autograd_lite authors"
copyright = "the autograd_lite authors, MIT licence"
version = release

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
    "collect",
    "llms",
    "mathml",
]
exclude_patterns = ["_build", "_ext", "play", "primitives.md"]  # of the last, the site has a page
html_math_renderer = "mathml"

# --- what is checked ---
nitpicky = True  # a name that is referred to is documented
nitpick_ignore_regex = [("py:(class|data|obj)", ".*")]  # but types in signatures are only told
suppress_warnings = ["myst.strikethrough"]

# --- notebooks ---
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 180
nb_execution_excludepatterns = []
nb_merge_streams = True
nb_ipywidgets_js = {}
#: Results are kept for the same cells and the same package: a change of either runs them again.
sources = sha256()
for path in sorted(PACKAGE.rglob("*.*")):
    if path.suffix in (".py", ".c", ".h"):
        sources.update(path.read_bytes())
nb_execution_cache_path = str(HERE / "_build" / "executed" / sources.hexdigest()[:16])

# --- the reference ---
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
add_module_names = False
toc_object_entries_show_parents = "hide"

# --- looks ---
html_theme = "pydata_sphinx_theme"
html_title = "autograd_lite"
html_static_path = ["_static"]
html_favicon = "_static/icon.svg"
html_css_files = ["site.css"]
html_js_files = [("live.js", {"defer": "defer"})]  # it looks for cells: the page has to be there
html_show_sourcelink = False
html_copy_source = True
html_theme_options = {
    "logo": {"text": "autograd_lite"},
    "navbar_align": "left",
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "header_links_before_dropdown": 7,
    "show_nav_level": 1,
    "back_to_top_button": False,
}
html_sidebars = {"tour/*": [], "compared": [], "try": []}
html_context = {"default_mode": "auto"}
html_last_updated_fmt = None
pygments_style = "default"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
