"""n(z) as it is given: histograms, points, catalogs, against the distribution they are drawn from."""

import numpy as np
import pytest
from scipy import integrate, stats

from nuweft.errors import RedshiftError
from nuweft.evolution.cosmology import Cosmology
from nuweft.evolution.prediction import Predictor
from nuweft.evolution.redshift_kernel import redshift_kernel
from nuweft.io.redshift_table import read_redshifts
from nuweft.io.tables import write_columns
from nuweft.model import RedshiftDistribution
from nuweft_evolution.catalog_tracing import SourcesTraceCatalog
from nuweft_evolution.power_law import Constant

ELL = np.arange(10.0, 384.0, 11.0)
MODELS = (Constant(), SourcesTraceCatalog())


@pytest.fixture(scope="module")
def cosmology():
    return Cosmology(transfer_function="eisenstein_hu").ccl()


def gamma(median):
    """A Gamma distribution n(z) ~ z**1.4 exp(-z/z0) of given median."""
    shape = stats.gamma(2.4)
    return stats.gamma(2.4, scale=median / shape.median())


def smooth(median):
    z = np.unique(np.concatenate([np.geomspace(1e-6, 0.01, 800), np.linspace(0.01, 12 * median, 3000)]))
    return RedshiftDistribution.normalised(z, gamma(median).pdf(z), "smooth")


def predictions(distribution, cosmology):
    response = redshift_kernel(distribution, cosmology, ELL)
    return np.array([Predictor(response=response, gamma=2.37, f_astro=1.0)(m) for m in MODELS])


def histogram(median, step):
    edges = np.arange(0.0, 10 * median, step)
    return edges, np.diff(gamma(median).cdf(edges))


@pytest.mark.parametrize("median", [0.03, 0.12])
def test_bins_of_a_hundredth_give_what_the_smooth_distribution_gives(cosmology, median):
    edges, counts = histogram(median, 0.01)
    binned = RedshiftDistribution.histogram(edges, counts, "bins")
    ratio = predictions(binned, cosmology) / predictions(smooth(median), cosmology)
    # taken as points: -2 to +5 % and -7 to +21 %
    assert abs(ratio[0] - 1) < 0.02
    assert abs(ratio[1] - 1) < 0.06


def test_centres_of_bins_are_taken_as_bins():
    edges, counts = histogram(0.12, 0.01)
    centres = 0.5 * (edges[1:] + edges[:-1])
    found = RedshiftDistribution.from_table({"z": centres, "density": counts}, "table")
    np.testing.assert_allclose(found.edges, edges, atol=1e-12)
    bins = {"z_min": edges[:-1], "z_max": edges[1:], "density": counts / 0.01}
    same = RedshiftDistribution.from_table(bins, "table")
    np.testing.assert_allclose(same.edges, found.edges, atol=1e-12)
    np.testing.assert_allclose(same(centres[1:]), found(centres[1:]), rtol=1e-4)


def test_a_histogram_is_constant_within_its_bins_and_holds_its_numbers():
    found = RedshiftDistribution.histogram(np.array([0.1, 0.2, 0.5]), np.array([1.0, 3.0]), "two")
    np.testing.assert_allclose(found(np.array([0.11, 0.19, 0.21, 0.49])), [2.5, 2.5, 2.5, 2.5], rtol=1e-3)
    uneven = RedshiftDistribution.histogram(np.array([0.1, 0.2, 0.5]), np.array([3.0, 1.0]), "two")
    np.testing.assert_allclose(uneven(np.array([0.15, 0.3])), [7.5, 0.8333], rtol=1e-3)
    grid = np.linspace(0.1, 0.2, 5001)
    assert integrate.trapezoid(uneven(grid), grid) == pytest.approx(0.75, rel=1e-3)
    assert uneven(np.array([0.09, 0.51])).tolist() == [0.0, 0.0]


def test_a_first_bin_at_zero_rises_as_its_neighbour_does():
    # the numbers of the first two bins are those of z**2 dz
    found = RedshiftDistribution.histogram(np.array([0.0, 0.1, 0.2]), np.array([1.0, 7.0]), "two")
    near = found(np.array([0.02, 0.04]))
    assert near[1] / near[0] == pytest.approx(4.0, rel=0.02)
    grid = np.linspace(0, 0.1, 5001)
    assert integrate.trapezoid(found(grid), grid) == pytest.approx(1 / 8, rel=5e-3)


def test_points_are_linear_between_them():
    found = RedshiftDistribution.normalised(np.array([0.1, 0.2, 0.4]), np.array([0.0, 1.0, 0.0]), "points")
    assert found(np.array([0.15, 0.3])) == pytest.approx([0.5 / 0.15, 0.5 / 0.15])


@pytest.mark.parametrize(("number", "expected"), [(300, 0.35), (2000, 0.12), (50_000, 0.03)])
def test_the_error_of_a_catalogs_own_redshifts_covers_its_deviation(cosmology, number, expected):
    rng = np.random.default_rng(number)
    found = RedshiftDistribution.from_redshifts(gamma(0.12).rvs(number, random_state=rng), source="z")
    truth = predictions(smooth(0.12), cosmology)[0]
    value, finer = (predictions(n, cosmology)[0] for n in (found, found.refined()))
    assert abs(value / truth - 1) < expected
    assert abs(finer / value - 1) < expected


def test_bins_of_a_catalog_hold_a_hundred_objects(rng):
    z = gamma(0.12).rvs(5000, random_state=rng)
    found = RedshiftDistribution.from_redshifts(z, source="z")

    def held(edges):  # the last bin holds all beyond its lower edge
        return np.histogram(z, np.append(edges[:-1], np.inf))[0]

    counts = held(found.edges)
    assert counts.min() >= 100
    assert counts.sum() == 5000
    finer = held(found.halved.edges)
    assert finer.min() >= 50
    assert len(finer) > len(counts)


@pytest.mark.parametrize("number", [300, 2000, 100_000])
def test_mean_and_percentiles_are_those_of_the_objects(rng, number):
    z = rng.gamma(4, 0.06, number)
    found = RedshiftDistribution.from_redshifts(z, source="z")
    assert integrate.trapezoid(found.z * found.density, found.z) == pytest.approx(z.mean(), rel=0.02)
    # half of a bin, which holds at least 100 objects
    for q in (10, 50, 90):
        assert np.mean(z < found.percentile(q)) == pytest.approx(q / 100, abs=50 / min(number, 2000))


def test_equal_redshifts_are_put_into_one_bin(rng):
    z = np.round(gamma(0.12).rvs(5000, random_state=rng), 2) + 0.01
    found = RedshiftDistribution.from_redshifts(z, source="rounded")
    assert np.all(np.diff(found.edges) > 0)


def test_below_three_hundred_redshifts_a_table_is_asked_for(rng):
    with pytest.raises(RedshiftError, match=r"299 redshifts are too few.*give dN/dz as a table"):
        RedshiftDistribution.from_redshifts(rng.uniform(0.01, 0.2, 299), source="z")


def test_weights_of_objects_count_in_their_distribution(rng):
    z = np.r_[rng.uniform(0.0, 0.1, 4000), rng.uniform(0.1, 0.2, 4000)]
    weight = np.r_[np.full(4000, 3.0), np.ones(4000)]
    found = RedshiftDistribution.from_redshifts(z, weight=weight, source="z")
    assert found.percentile(75) == pytest.approx(0.1, abs=0.005)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"z": [0.1, 0.3, 0.2], "density": [1, 1, 1]}, "must be positive and increase"),
        ({"z": [0.1, 0.2, 0.3], "density": [1, -1, 1]}, "negative density"),
        ({"z": [-0.1, 0.2, 0.3], "density": [1, 1, 1]}, "must be positive and increase"),
        ({"z_min": [0.0, 0.2], "z_max": [0.1, 0.3], "density": [1, 1]}, "without gap or overlap"),
        ({"z_min": [0.0, 0.1], "z_max": [0.15, 0.3], "density": [1, 1]}, "without gap or overlap"),
    ],
)
def test_tables_that_are_no_distribution_are_refused(tmp_path, columns, message):
    write_columns(tmp_path / "n.csv", {name: np.array(v, dtype=float) for name, v in columns.items()})
    with pytest.raises(RedshiftError, match=message):
        read_redshifts(tmp_path / "n.csv")


def test_a_table_that_begins_at_zero_is_read_and_normalised(tmp_path):
    write_columns(tmp_path / "n.csv", {"z": np.array([0.0, 0.1, 0.4]), "density": np.array([0.0, 7.0, 0.0])})
    found = read_redshifts(tmp_path / "n.csv")
    assert integrate.trapezoid(found.density, found.z) == pytest.approx(1.0)
