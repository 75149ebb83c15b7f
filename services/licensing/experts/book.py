"""The register of experts, which the office keeps for the whole province."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.fields import unknown_kinds
from services.licensing.experts.forms import Expert
from shared.problems import Violation
from shared.registers import Fields, Names, Register
from shared.text import Text, same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.law import RuleSet
    from shared.registers import Version

OWNER = "office"
"""The register has one owner: the office that keeps it."""


def _wrong(content: Mapping[str, Any], rules: RuleSet) -> list[Violation]:
    return unknown_kinds(content.get("kinds", ()), "kinds", rules)


def _same_certificate(version: Version, others: Mapping[str, Version]) -> list[Violation]:
    """Two experts with one certificate."""
    content = version.content
    return [
        Violation(
            "certificate",
            "twice",
            Text(
                f"该证书已属于{one.content['name']}（{one.content['code']}）",
                f"{one.content['name']} ({one.content['code']}) has this certificate",
            ),
        )
        for one in others.values()
        if not same(one.content["code"], content["code"]) and same(one.content["certificate"], content["certificate"])
    ]


EXPERTS = Register(
    id="experts",
    names=Names("考评员", "expert", "experts"),
    form=Expert,
    validity=Fields("valid_from", "valid_until"),
    found_by=("code", "name", "certificate", "employer"),
    wrong=_wrong,
    contradictions=_same_certificate,
    example="/internal/v1/experts/E-07",
)
