"""Sessions: tests, validation, network, lint, types, docs."""

import nox

nox.options.sessions = ["tests", "lint", "types", "docs"]


@nox.session
def tests(session: nox.Session) -> None:
    """Run the test suite."""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def validation(session: nox.Session) -> None:
    """Run the longer checks."""
    session.install(".[test]")
    session.run("pytest", "-m", "validation", *session.posargs)


@nox.session
def network(session: nox.Session) -> None:
    """Run the tests that download."""
    session.install(".[test]")
    session.run("pytest", "-m", "network", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style."""
    session.install("ruff")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types."""
    session.install(".", "mypy", "types-PyYAML")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    session.install(".[docs]")
    session.run("sphinx-build", "-W", "-b", "html", "docs", "docs/_build")
