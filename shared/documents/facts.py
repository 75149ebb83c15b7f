"""The notices of a case, as they are filed and answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from shared.casework.facts import Fact, Kept, kept, maybe, one, some
from shared.casework.readers import PARTIES
from shared.labels import labelled
from shared.permits.facts import DECISION
from shared.schemas import Answer, Bilingual
from shared.text import Text

if TYPE_CHECKING:
    from datetime import date


class NoticeService(Kept):
    """送达情况。 When a notice was served, and what proves it."""

    on: date = kept(fields.Date(), labelled("送达日期", "day of service"))
    receipt: str | None = maybe(
        fields.String(), labelled("送达回证编号", "number of the delivery receipt", example="送-7")
    )
    received_by: str | None = maybe(fields.String(), labelled("签收人", "who signed for it", example="钱联系"))
    registered_by: str | None = maybe(
        fields.String(), labelled("登记人", "who registered it, where no step did", example=None)
    )


class TakenBack(Kept):
    """撤回或者更正。 When a notice was withdrawn or corrected, and by which notice."""

    on: date = kept(fields.Date(), labelled("撤回日期", "day on which it was taken back"))
    by: str = kept(fields.String(), labelled("文号", "number of the notice that says so", example=None))


class FiledNotice(Kept, schema=Bilingual):
    zh: str
    en: str
    number: str = kept(
        fields.String(),
        labelled("文号", "its number", hint=Text("路径中的写法", "as paths have it"), example="吉质监型受字2013第1号"),
    )
    printed: str = kept(
        fields.String(),
        labelled("文号", "its number", hint=Text("印制的写法", "as printed"), example="吉质监型受字〔2013〕第1号"),
    )
    kind: str = kept(fields.String(), labelled("文种", "kind of notice", example="acceptance"))
    on: date = kept(fields.Date(), labelled("落款日期", "its date"))
    served: NoticeService | None = maybe(one(NoticeService), labelled("送达情况", "absent where nothing proves it"))
    taken_back: TakenBack | None = maybe(
        one(TakenBack), labelled("撤回或者更正", "when and by which notice it was withdrawn or corrected", example=None)
    )
    about: str | None = maybe(fields.String())
    """The fact that it tells of."""
    laboratory: bool | None = maybe(fields.Boolean())
    """Whether the laboratory reads it."""

    @property
    def is_served_by_itself(self) -> bool:
        """Whether no step of the case says when it was served: of a decision `deliver` does, of a notice that moves
        clocks the step that gives it."""
        registered = self.served is None or self.served.registered_by is not None
        return registered and self.taken_back is None and self.about != DECISION.name


class Notice(FiledNotice.schema):  # type: ignore[misc, valid-type]
    """文书。 A written act of the office, as a document at `pdf` and as signed data at `jws`, seconds after it."""

    class Meta(Answer.Meta):
        exclude = ("about", "laboratory")

    pdf = fields.String(
        required=True,
        metadata=labelled(
            "下载路径",
            "path of the PDF",
            example="/v1/applications/TA-2013-00001/notices/吉质监型受字2013第1号/document.pdf",
        ),
    )
    jws = fields.String(
        required=True,
        metadata=labelled(
            "签名数据路径",
            "path of the signed data",
            example="/v1/applications/TA-2013-00001/notices/吉质监型受字2013第1号/document.jws",
        ),
    )
    service = fields.String(
        metadata=labelled("送达登记路径", "where its service is registered, for who may", example=None)
    )


NOTICES = Fact("notices", some(FiledNotice), PARTIES)
ANSWERED = NOTICES.read_by(
    PARTIES,
    fields.List(fields.Nested(Notice)),
    label=labelled(
        "文书",
        "the office's notices",
        hint=Text("技术机构可查阅试验时限的告知", "the laboratory reads those on the time that its tests take"),
    ),
)
"""The same in an answer, with where they are fetched."""
