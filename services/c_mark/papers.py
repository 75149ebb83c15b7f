"""What the service grants or publishes: C marks, as their documents are made and told of."""

from services.c_mark.procedure import PROCEDURE
from shared.documents.issues import Permits
from shared.text import Text

PERMITS = Permits("mark", PROCEDURE, Text("C标志", "C mark"))
