"""What is read and kept of the decision."""

from __future__ import annotations

from shared.labels import labelled
from shared.schemas import Strict, coded
from shared.text import Text


class Granting(Strict):
    """准予型式批准。 What the head of the authority adds where the catalogue lacks it."""

    letter = coded(
        "[A-Z]",
        Text("一个大写拉丁字母", "one capital Latin letter"),
        maximum=1,
        required=False,
        metadata=labelled(
            "类别字母",
            "class letter of the number of the certificate",
            hint=Text("证书编号中的字母，目录未规定时填写", "where the catalogue does not have that of the category"),
            example=None,
        ),
    )
