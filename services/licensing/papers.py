"""What the service grants: licences 制造计量器具许可证, as their documents are made and told of."""

from services.licensing.procedure import PROCEDURE
from shared.documents.issues import Permits

PERMITS = Permits("licence", PROCEDURE)
