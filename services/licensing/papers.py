"""What the service grants: licences 制造计量器具许可证, as their documents are made and told of."""

from services.licensing.procedure import PROCEDURE
from shared.documents.issues import Permits
from shared.text import Text

PERMITS = Permits("licence", PROCEDURE, Text("制造许可证", "manufacturing licence"))
