"""The service of the C mark without its API."""

from functools import partial

from services.c_mark.procedure import PROCEDURE
from services.catalogue import TOPOLOGY, VERSIONS
from shared.permits.reactions import react
from shared.runtime.permit_service import permit_service

SILENCE = {"deem_accepted": "deem_accept", "expire": "lapse"}
"""The action that applies each legal effect of silence."""

Service = permit_service("c_mark", TOPOLOGY, VERSIONS, partial(react, procedure=PROCEDURE, silence=SILENCE))
