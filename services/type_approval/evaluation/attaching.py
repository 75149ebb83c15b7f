"""Whether the files that a laboratory names in what it records are in the case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.problems import Violation
from shared.text import Text
from shared.uploads import filing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.casework import ConnectedStep


def there(step: ConnectedStep, named: Sequence[Mapping[str, Any]]) -> Mapping[str, filing.Upload]:
    """The documents of the case that whoever does the step reads, by id; nothing is read where none is named."""
    return {one.id: one for one in filing.documents(step).versions} if named else {}


def wrong_attachments(
    named: Sequence[Mapping[str, Any]], there: Mapping[str, filing.Upload], path: str, kind: str
) -> list[Violation]:
    """What is not a document of that kind among those that are `there`, has another content, or is infected."""
    found = []
    for place, one in enumerate(named):
        document = there.get(str(one["document"]))
        if document is None or document.kind != kind:
            told = Text(f"本案没有这份{kind}材料：请先上传", f"the case has no such {kind}: upload it first")
            found.append(Violation(f"{path}.{place}.document", "unknown_document", told))
        elif document.sha256 != one["sha256"]:
            told = Text(f"该材料的摘要为{document.sha256}", f"the content of this document has {document.sha256}")
            found.append(Violation(f"{path}.{place}.sha256", "another_content", told))
        elif filing.is_infected(document):
            told = Text("该材料查出病毒：请更换", "malware was found in this document: replace it")
            found.append(Violation(f"{path}.{place}.document", "infected", told))
    return found
