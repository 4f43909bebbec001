"""Classes of which the stages of a measurement are made."""

from __future__ import annotations

from collections.abc import Mapping

from nuweft.irf.energy_bins import EnergyBins
from nuweft.irf.exposure import Exposure
from nuweft.measurement.fields import FieldsAndMasks
from nuweft.measurement.objects import TracerObjects
from nuweft.measurement.spectrum import Templates
from nuweft.measurement.templates import BinTemplates
from nuweft.model.cross_spectrum import CrossSpectrum, SpectrumBlock
from nuweft.model.linear_kernel import LinearKernel
from nuweft.sky.sources import Sources

CLASSES: Mapping[str, type] = {
    cls.__name__: cls
    for cls in (
        BinTemplates,
        CrossSpectrum,
        EnergyBins,
        Exposure,
        LinearKernel,
        FieldsAndMasks,
        Sources,
        SpectrumBlock,
        Templates,
        TracerObjects,
    )
}
"""Classes that parts are made of; a part that holds another one is not kept."""
