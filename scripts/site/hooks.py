"""What is done to every page of the site: for whom it is stands at its top, and words of the glossary lead there.

A page that is in one language stands in both parts of the site, but the search finds it once.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import of_docs
import of_glossary

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

log = logging.getLogger("mkdocs.hooks.site")


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, **_: Any) -> str:  # noqa: ANN401, ARG001 - of mkdocs
    """Say for whom the page is; one that does not say is not built, but a notebook says it in its first cell."""
    if _is_copy(page):
        page.meta["search"] = {"exclude": True}
    if page.file.src_uri.startswith("notebooks/") and not page.meta:
        return markdown
    about, lang = page.meta, _language(page)
    if of_docs.is_beside(page.file.src_uri):  # English alone, but for whom it is stands in the language of the site
        lang = "zh" if page.file.dest_uri.startswith("zh/") else "en"
        about = of_docs.about(page.file.src_uri, lang)
    if not {"reader", "afterwards"} <= about.keys():
        log.warning("%s does not say for whom it is", page.file.src_uri)
    return of_docs.with_reader(markdown, about, lang)


def on_page_content(html: str, page: Page, config: MkDocsConfig, **_: Any) -> str:  # noqa: ANN401, ARG001 - of mkdocs
    """Lead words to the glossary."""
    if page.file.src_uri.startswith(("reference/glossary", "reference/python/", "project/")):
        return html
    depth = page.file.url.count("/")
    return of_glossary.linked(html, _language(page), "../" * depth)


def _language(page: Page) -> str:
    return str(getattr(page.file, "locale", "en"))


def _is_copy(page: Page) -> bool:
    """Tell a page of the Chinese part that is there in English alone, and so a second time."""
    return page.file.dest_uri.startswith("zh/") and not page.file.src_uri.endswith(".zh.md")
