"""Reading a page of HTML in a test."""

import re
from html.parser import HTMLParser

VOID = {"meta", "br", "hr", "wbr"}


class Tags(HTMLParser):
    """Every start tag with its attributes, every text, and what is left open; each end tag must close the last one opened."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.open += [tag] * (tag not in VOID)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def words(page: str) -> str:
    """The page's text, without tags, one space between words."""
    return re.sub(r"\s+", " ", "".join(Tags(page).texts))


def refuses_other_hosts(page: str) -> bool:
    """Whether nothing on the page is a script, a style with a reference, or a link to anything but a place on the page itself."""
    found = Tags(page).found
    links = [value for _, attributes in found for name, value in attributes.items() if name in {"src", "href", "srcset", "data", "action"}]
    return (
        not re.search(r"://|url\(|@import|javascript:", page)
        and all(str(link).startswith("#") for link in links)
        and not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in found}
        and not any("style" in attributes for _, attributes in found)
        and "default-src 'none'" in page
    )
