"""Masks, and the field of a tracer in them."""

from __future__ import annotations

import attrs
import numpy as np

from nuweft.errors import EmptySkyError
from nuweft.interfaces.mask import Mask, apodization_of, coverage_of
from nuweft.interfaces.tracer import Tracer
from nuweft.measurement.objects import TracerObjects, cut_objects
from nuweft.measurement.tracer_checks import tracer_remarks
from nuweft.plugin.answers import check_mask, check_tracer
from nuweft.sky.fields import mean_density, overdensity, white_noise
from nuweft.sky.pixels import pixel_centres
from nuweft.typing import FloatArray

_HALF = 0.5


@attrs.frozen(eq=False, kw_only=True)
class FieldsAndMasks:
    """Masks and the tracer's field.

    Attributes
    ----------
    objects : TracerObjects
        What the tracer's own mask keeps.
    coverage, apodization : arrays of shape (npix,)
        Of the tracer's field: c and a in ``a (n/nbar - c)``.
    sample_mask : array of shape (npix,)
        Mask of the neutrinos: 0 where events are not used, elsewhere its apodization.
    joint_mask : array of shape (npix,)
        Mask U of the events: that of the neutrinos where the tracer is known.
    field_mask : array of shape (npix,)
        ``a c``, by which the tracer's overdensity is multiplied in its field.
    tracer_field : array of shape (npix,)
    mean_density : float
        nbar, the mean (weighted) count of a fully covered pixel.
    sky_fraction : float
        f_sky, the mean of both masks' coverage and apodization over the sky.
    remarks : tuple of str
        What is suspicious about the tracer's objects.
    """

    objects: TracerObjects
    coverage: FloatArray
    apodization: FloatArray
    sample_mask: FloatArray
    joint_mask: FloatArray
    field_mask: FloatArray
    tracer_field: FloatArray
    mean_density: float
    sky_fraction: float
    remarks: tuple[str, ...] = ()

    @property
    def tracer_counts(self) -> FloatArray:
        """(Weighted) counts of the objects inside the tracer's mask, shape (npix,)."""
        return self.objects.counts

    @property
    def shot_noise(self) -> float:
        """Shot noise of the pseudo-power of the tracer's field."""
        squares = np.where(self.coverage > 0, self.objects.squares, 0.0)
        return white_noise(self.apodization**2 * squares, self.mean_density)


def fields_and_masks(
    tracer: Tracer, mask: Mask | None, nside: int, *, tracer_uses_joint_mask: bool
) -> FieldsAndMasks:
    """Return masks and the tracer's overdensity.

    Raises
    ------
    EmptySkyError
        If the masks leave no common sky.
    NsideError, CountsError
        If the tracer's counts are of another resolution, negative or not finite.
    PluginAnswerError
        If the tracer or a mask answers something else than its interface says.
    """
    for part in (tracer.mask, mask):
        if part is not None:
            check_mask(part, nside)
    check_tracer(tracer, nside)
    objects = cut_objects(tracer, nside)
    sample_mask = np.ones(len(objects.coverage))
    if mask is not None:
        coverage_of(mask, nside)
        seen = mask.completeness(*pixel_centres(nside)) > _HALF
        sample_mask = seen * apodization_of(mask, nside)
    joint = sample_mask * objects.inside
    if joint.sum() <= 0:
        raise EmptySkyError(
            f"the masks leave no common sky: the tracer's keeps {objects.inside.mean():.3f}, "
            f"the sample's {sample_mask.mean():.3f} of it"
        )
    apodization = apodization_of(tracer.mask, nside)
    used = apodization > 0
    if tracer_uses_joint_mask:
        used &= joint > 0
    coverage = np.where(used, objects.coverage, 0.0)
    return FieldsAndMasks(
        objects=objects,
        coverage=coverage,
        apodization=apodization,
        sample_mask=sample_mask,
        joint_mask=joint,
        field_mask=apodization * coverage,
        tracer_field=overdensity(objects.counts, coverage, apodization),
        mean_density=mean_density(objects.counts, coverage),
        sky_fraction=float(np.mean(apodization * objects.coverage * joint)),
        remarks=tracer_remarks(tracer.sources(nside), objects),
    )
