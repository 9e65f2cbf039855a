"""``CITATION.cff`` holds what its format asks for, and says what the package says of itself.

Fields and forms are those of the Citation File Format 1.2.0 (Druskat et al. 2021).
"""

from __future__ import annotations

import re
import tomllib

import yaml

from tests.docs.pages import ROOT

NEEDED = {"cff-version", "message", "title", "authors"}
FIELDS = NEEDED | {
    *("abstract", "commit", "contact", "date-released", "doi", "identifiers", "keywords", "license"),
    *("license-url", "preferred-citation", "references", "repository", "repository-artifact"),
    *("repository-code", "type", "url", "version"),
}
#: Fields of a person, and of an entity, which has a name alone.
PERSON = {
    "family-names",
    "given-names",
    "name-particle",
    "name-suffix",
    "alias",
    "affiliation",
    "orcid",
    "email",
}
ENTITY = {"name", "alias", "address", "city", "country", "email", "orcid", "website"}


def test_it_has_the_fields_of_its_format():
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert set(told) >= NEEDED
    assert set(told) <= FIELDS
    assert told["cff-version"] == "1.2.0"
    assert told["type"] in ("software", "dataset")
    assert told["authors"]
    for author in told["authors"]:
        assert set(author) <= PERSON or set(author) <= ENTITY
        assert all(isinstance(text, str) and text for text in author.values())
    assert all(isinstance(told[key], str) for key in ("message", "title", "abstract", "license"))
    assert len(set(told["keywords"])) == len(told["keywords"])


def test_it_says_what_the_package_says():
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert str(told["version"]) == project["version"]
    assert told["license"] == project["license"]
    assert told["keywords"] == project["keywords"]
    holder = re.search(r"Copyright \(c\) \d+ (.*)", (ROOT / "LICENSE").read_text(encoding="utf-8"))[1]
    assert told["authors"][0]["name"].casefold() == holder.casefold()
