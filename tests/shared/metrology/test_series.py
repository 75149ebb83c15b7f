"""Which members of a series are tested: the example of R 60-2 Annex D, single groups, and what a certificate covers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.metrology import FamilyError, Quantity, family
from shared.metrology.series import Member, covering, read_members, select

CELLS, SCALES = family("r60"), family("r76")
GROUPS = {
    "C6": ({"class": "C", "n_lc": "6000", "y": "18000", "z": "6000"}, (50, 100, 300, 500)),
    "C3": ({"class": "C", "n_lc": "3000", "y": "12000", "z": "4000"}, (100, 300, 500, 5000, 10000, 30000, 50000)),
    "B10": ({"class": "B", "n_lc": "10000", "y": "25000", "z": "10000"}, (500, 1000, 4000)),
}


def annex_d() -> list[Member]:
    return read_members(
        CELLS,
        [
            {"id": f"{name}-{capacity}", "emax": f"{capacity} kg", **characteristics}
            for name, (characteristics, capacities) in GROUPS.items()
            for capacity in capacities
        ],
    )


def one_group(*capacities: int) -> list[Member]:
    return read_members(
        CELLS, [{"id": str(one), "class": "C", "n_lc": "3000", "emax": f"{one} kg"} for one in capacities]
    )


def chosen(members: list[Member]) -> list[str]:
    return [one.member for one in select(CELLS, members) if one.tests == ("full",)]


def test_the_example_of_annex_d() -> None:
    choices = {one.member: one for one in select(CELLS, annex_d())}
    assert {name for name, one in choices.items() if one.tests} == {"C6-50", "B10-500", "B10-4000", "C3-30000"}
    assert "once for the series r60.humidity-ch" in choices["B10-500"].told.en
    assert choices["C3-50000"].covered_by == ("C3-30000",)
    assert choices["C6-100"].covered_by == ("C6-50", "B10-500")
    assert all(one.told.zh and "R 60-2 2.4" in one.told.en for one in choices.values())


@pytest.mark.parametrize(
    ("capacities", "selected"),
    [
        ((50, 100, 200, 500, 1000, 2000, 5000), (50, 500, 5000)),
        ((10, 50), (10,)),
        ((10, 51), (10, 51)),
        ((10, 200), (10, 200)),
        ((100, 300, 1000), (100, 1000)),
        ((20, 100), (20,)),
        ((5, 20, 100, 400), (5, 100)),
        ((7,), (7,)),
    ],
)
def test_one_group(capacities: tuple[int, ...], selected: tuple[int, ...]) -> None:
    assert chosen(one_group(*capacities)) == [str(one) for one in selected]


@given(st.sets(st.integers(1, 10**6), min_size=1, max_size=12))
def test_every_member_is_tested_or_covered_within_five_times(capacities: set[int]) -> None:
    members = one_group(*sorted(capacities))
    choices = select(CELLS, members)
    chosen = [member for member, one in zip(members, choices, strict=True) if one.tests]
    assert str(min(capacities)) in {one.id for one in chosen}
    assert max(capacities) <= 5 * max(int(one.id) for one in chosen)
    for member in members:
        assert covering(CELLS, chosen, member)


def test_a_more_severe_member_of_a_tested_capacity_has_partial_tests() -> None:
    base = {"class": "C", "emax": "100 kg"}
    members = read_members(
        CELLS,
        [
            {"id": "n", "n_lc": "6000", "y": "10000", "z": "3000", **base},
            {"id": "y", "n_lc": "3000", "y": "20000", "z": "3000", **base},
            {"id": "z", "n_lc": "3000", "y": "10000", "z": "5000", **base},
        ],
    )
    found = {one.member: one.tests for one in select(CELLS, members)}
    assert found == {"n": ("full",), "y": ("r60.mdlo", "r60.barometric"), "z": ("r60.creep", "r60.dr")}


def test_what_a_certificate_covers() -> None:
    chosen = [one for one in annex_d() if one.id in {"C6-50", "B10-500", "B10-4000", "C3-30000"}]

    def by(accuracy_class: str, n_lc: str, capacity: str) -> tuple[str, ...]:
        [member] = read_members(CELLS, [{"id": "x", "class": accuracy_class, "n_lc": n_lc, "emax": capacity}])
        return covering(CELLS, chosen, member)

    assert by("C", "3000", "150000 kg") == ("C3-30000",)
    assert by("C", "3000", "150001 kg") == ()
    assert by("C", "3000", "49 kg") == ()
    assert by("B", "10000", "400 kg") == ()
    assert by("C", "6000", "400 kg") == ("C6-50", "B10-500")


@pytest.mark.parametrize(
    ("most", "e", "covered"),
    [
        ("300 kg", "200 g", True),
        ("150 kg", "50 g", True),
        ("301 kg", "200 g", False),
        ("30 kg", "5 g", False),
    ],
)
def test_a_weighing_instrument_beside_a_tested_one(most: str, e: str, *, covered: bool) -> None:
    """Tested: Max 30 kg, n 3 000. n 1 500 goes to 300 kg, n 3 000 to 150 kg; more than 3 000 is refused."""
    done, other = read_members(
        SCALES, [{"class": "III", "max": "30 kg", "e": "10 g"}, {"class": "III", "max": most, "e": e}]
    )
    assert bool(covering(SCALES, [done], other)) is covered


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ([{"id": "a", "class": "C", "n_lc": "3000"}], "member a: emax is missing"),
        ([{"id": "a", "class": "E", "emax": "1 kg"}], "member a: accuracy class 'E'"),
        ([{"id": "a", "class": "C", "n_lc": "3000", "emax": "0 kg"}], "give a capacity above zero"),
        ([], "give at least one"),
        ([{"id": "a", "emax": "1 kg", "class": "C"}] * 2, "share the id a"),
        (
            [{"id": i, "emax": "1 kg", "class": "C", "principle": p} for i, p in (("a", "strain"), ("b", "vibration"))],
            "strain, vibration are no series",
        ),
    ],
)
def test_what_is_no_series(members: list[dict[str, str]], text: str) -> None:
    with pytest.raises(FamilyError, match=text):
        select(CELLS, read_members(CELLS, members))


def test_a_family_without_a_rule_says_so() -> None:
    with pytest.raises(FamilyError, match="every variant is tested"):
        select(family("r21"), [Member("a", {"k_low": Quantity.parse("1000 imp/km")})])
