"""A finished run as tables, a page and citations."""

from nuweft.report.captions import caption, captioned
from nuweft.report.citations import bibtex, citations, used_datasets
from nuweft.report.page import write_report
from nuweft.report.summary import Row, published_beside, summary

__all__ = [
    "Row",
    "bibtex",
    "caption",
    "captioned",
    "citations",
    "published_beside",
    "summary",
    "used_datasets",
    "write_report",
]
