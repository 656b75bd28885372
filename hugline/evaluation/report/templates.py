"""The pages' templates: everything put into HTML is escaped, and a name that is missing is an error."""

import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from hugline.evaluation.report.words import metric_name, percent, sentence, signed


def render(template: str, values: Mapping[str, object]) -> str:
    """A page of this folder's template, the same bytes for the same values."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(enabled_extensions=("html.jinja",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(cell=cell, metric=metric_name, percent=percent, sentence=sentence, breakable=breakable, signed=signed, thousands="{:,}".format)
    return environment.get_template(template).render(values)


def breakable(name: str) -> Markup:
    """A name, escaped, that may be broken after an underscore, a slash, a point or a hyphen."""
    return Markup(re.sub(r"(?<=[_/.-])(?=\w)", "<wbr>", str(escape(name))))


def cell(words: str) -> str:
    """Any text as GitHub's Markdown shows it in a line or a table: no markup, no mention of a user, no link to an issue."""
    plain = re.sub(r"([\\`*_{}\[\]<>|~])", r"\\\1", " ".join(words.split()))
    return re.sub(r"([@#])(?=\w)", "\\1\N{ZERO WIDTH SPACE}", plain)
