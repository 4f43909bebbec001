"""The catalog as a named data set."""

from nuweft import DataFile, Dataset

CATALOG = Dataset(
    name="openngc-catalog",
    title="OpenNGC: NGC and IC galaxies",
    citation="M. Verga, OpenNGC",
    licence="CC-BY-SA-4.0",
    files=(
        DataFile(
            path="openngc_galaxies.csv",
            sha256="3e8f366c5053ee3eecf58be93ef1e4e9c9970d892d0d98da1d11c4465a81c895",
        ),
    ),
)
