"""The page for the public: which street is under water in which rain."""

from pathlib import Path

import drainage as dr

page = dr.publication.page_of_network(
    dr.load_demo("2018-12-31"),
    dr.read_storm_formula("demo"),
    imprint=dr.publication.Imprint(city="示例县", phone="0557-1234567"),
)
Path("public_page.html").write_text(page.html, encoding="utf-8")
