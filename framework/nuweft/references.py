"""What to cite, as BibTeX entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs


@attrs.frozen
class Reference:
    """A BibTeX entry.

    Attributes
    ----------
    key : str
    kind : str
        Kind of entry, such as ``article`` or ``misc``.
    fields : mapping of str to str
        Fields of the entry in BibTeX's notation.
    """

    key: str
    kind: str
    fields: Mapping[str, str] = attrs.field(hash=False)

    def bibtex(self) -> str:
        """Return the entry."""
        width = max(map(len, self.fields))
        rows = [f"  {name:<{width}} = {{{value}}}," for name, value in self.fields.items()]
        return "\n".join([f"@{self.kind}{{{self.key},", *rows, "}"])


def article(
    key: str,
    author: str,
    title: str,
    journal: str,
    volume: int | str,
    pages: int | str,
    year: int,
    **more: str,
) -> Reference:
    """Return the entry of an article; further fields such as ``doi`` or ``eprint`` are kept."""
    own = {
        "author": author,
        "title": f"{{{title}}}",
        "journal": journal,
        "volume": str(volume),
        "pages": str(pages),
        "year": str(year),
    }
    return Reference(key, "article", own | more)


def misc(key: str, author: str, title: str, **more: str) -> Reference:
    """Return the entry of software, data or a preprint."""
    return Reference(key, "misc", {"author": author, "title": f"{{{title}}}", **more})


def bibliography(references: Iterable[Reference]) -> str:
    """Return entries as a BibTeX file, each once, in their order."""
    once = {reference.key: reference.bibtex() for reference in references}
    return "\n\n".join(once.values()) + "\n"


METHOD = (
    misc(
        "Abbasi2025",
        "{IceCube Collaboration} and Abbasi, R. and others",
        "Constraints on the Correlation of IceCube Neutrinos with Tracers of Large-Scale Structure",
        year="2025",
    ),
    article(
        "Fang2020",
        "Fang, K. and Banerjee, A. and Charles, E. and Omori, Y.",
        "A Cross-correlation Study of High-energy Neutrinos and Tracers of Large-scale Structure",
        "Astrophysical Journal",
        894,
        112,
        2020,
        eprint="2002.06234",
        archiveprefix="arXiv",
    ),
)
"""The analysis that nuweft implements, and the one before it."""

LIBRARIES: Mapping[str, tuple[Reference, ...]] = {
    "numpy": (
        article(
            "Harris2020",
            "Harris, C. R. and Millman, K. J. and van der Walt, S. J. and others",
            "Array programming with NumPy",
            "Nature",
            585,
            "357--362",
            2020,
            doi="10.1038/s41586-020-2649-2",
        ),
    ),
    "scipy": (
        article(
            "Virtanen2020",
            "Virtanen, P. and Gommers, R. and Oliphant, T. E. and others",
            "SciPy 1.0: Fundamental Algorithms for Scientific Computing in Python",
            "Nature Methods",
            17,
            "261--272",
            2020,
            doi="10.1038/s41592-019-0686-2",
        ),
    ),
    "astropy": (
        article(
            "Astropy2022",
            "{Astropy Collaboration} and Price-Whelan, A. M. and others",
            "The Astropy Project: Sustaining and Growing a Community-oriented Open-source Project and the "
            "Latest Major Release (v5.0) of the Core Package",
            "Astrophysical Journal",
            935,
            167,
            2022,
            doi="10.3847/1538-4357/ac7c74",
        ),
    ),
    "healpy": (
        article(
            "Zonca2019",
            "Zonca, A. and Singer, L. and Lenz, D. and Reinecke, M. and Rosset, C. and Hivon, E. and "
            "G{\\'o}rski, K.",
            "healpy: equal area pixelization and spherical harmonics transforms for data on the sphere in "
            "Python",
            "Journal of Open Source Software",
            4,
            1298,
            2019,
            number="35",
            doi="10.21105/joss.01298",
        ),
        article(
            "Gorski2005",
            "G{\\'o}rski, K. M. and Hivon, E. and Banday, A. J. and Wandelt, B. D. and Hansen, F. K. and "
            "Reinecke, M. and Bartelmann, M.",
            "HEALPix: A Framework for High-Resolution Discretization and Fast Analysis of Data Distributed "
            "on the Sphere",
            "Astrophysical Journal",
            622,
            "759--771",
            2005,
            doi="10.1086/427976",
        ),
    ),
    "ducc0": (
        misc(
            "Reinecke2020",
            "Reinecke, M.",
            "DUCC: Distinctly Useful Code Collection",
            howpublished="Astrophysics Source Code Library, record ascl:2008.023",
            year="2020",
        ),
    ),
    "matplotlib": (
        article(
            "Hunter2007",
            "Hunter, J. D.",
            "Matplotlib: A 2D graphics environment",
            "Computing in Science \\& Engineering",
            9,
            "90--95",
            2007,
            doi="10.1109/MCSE.2007.55",
        ),
    ),
    "numba": (
        Reference(
            "Lam2015",
            "inproceedings",
            {
                "author": "Lam, S. K. and Pitrou, A. and Seibert, S.",
                "title": "{Numba: a LLVM-based Python JIT compiler}",
                "booktitle": "Proceedings of the Second Workshop on the LLVM Compiler Infrastructure in HPC",
                "year": "2015",
                "doi": "10.1145/2833157.2833162",
            },
        ),
    ),
    "emcee": (
        article(
            "ForemanMackey2013",
            "Foreman-Mackey, D. and Hogg, D. W. and Lang, D. and Goodman, J.",
            "emcee: The MCMC Hammer",
            "Publications of the Astronomical Society of the Pacific",
            125,
            "306--312",
            2013,
            doi="10.1086/670067",
        ),
    ),
    "pyccl": (
        article(
            "Chisari2019",
            "Chisari, N. E. and Alonso, D. and Krause, E. and others",
            "Core Cosmology Library: Precision Cosmological Predictions for LSST",
            "Astrophysical Journal Supplement Series",
            242,
            2,
            2019,
            doi="10.3847/1538-4365/ab1658",
        ),
    ),
    "camb": (
        article(
            "Lewis2000",
            "Lewis, A. and Challinor, A. and Lasenby, A.",
            "Efficient Computation of Cosmic Microwave Background Anisotropies in Closed "
            "Friedmann-Robertson-Walker Models",
            "Astrophysical Journal",
            538,
            "473--476",
            2000,
            doi="10.1086/309179",
        ),
    ),
    "sacc": (
        misc(
            "SACC",
            "{LSST Dark Energy Science Collaboration}",
            "SACC: Save All Correlations and Covariances",
            howpublished="software",
        ),
    ),
}
"""Libraries that results come from."""

PLANCK_2018 = article(
    "Planck2018",
    "{Planck Collaboration} and Aghanim, N. and others",
    "Planck 2018 results. VI. Cosmological parameters",
    "Astronomy \\& Astrophysics",
    641,
    "A6",
    2020,
    eprint="1807.06209",
    archiveprefix="arXiv",
)
"""The default cosmology."""
