"""The service of type approval 型式批准 without its API."""

from functools import partial

from services.catalogue import TOPOLOGY, VERSIONS
from services.type_approval.procedure import PROCEDURE
from shared.permits.reactions import react
from shared.runtime.permit_service import permit_service

SILENCE = {"deem_accepted": "deem_accept", "fail_evaluation": "fail_evaluation", "end_archive": "end_archive"}
"""The action that applies each legal effect of silence."""

Service = permit_service(PROCEDURE, TOPOLOGY, VERSIONS, partial(react, procedure=PROCEDURE, silence=SILENCE))
