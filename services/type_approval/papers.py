"""What the service grants: certificates 型式批准证书, as their documents are made and told of."""

from services.type_approval.procedure import PROCEDURE
from shared.documents.issues import Permits
from shared.text import Text

PERMITS = Permits("certificate", PROCEDURE, Text("型式批准证书", "type approval certificate"))
