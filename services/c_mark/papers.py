"""What the service grants or publishes: C marks, as their documents are made and told of."""

from services.c_mark.procedure import PROCEDURE
from shared.documents.issues import Permits

PERMITS = Permits("mark", PROCEDURE)
