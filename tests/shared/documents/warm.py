"""What a press has read before it makes its first document, for processes that are forked from one that has it."""

from deploy.local import typefaces
from services.type_approval.papers import PERMITS  # noqa: F401
from shared.documents.making import make  # noqa: F401
from shared.documents.pages import printer

typefaces.ensure()
printer()
