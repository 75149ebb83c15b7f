"""The service of the C mark without its API."""

from services.c_mark.procedure import PROCEDURE
from services.c_mark.reactions import react
from services.catalogue import TOPOLOGY, VERSIONS
from shared.runtime.permit_service import permit_service

Service = permit_service(PROCEDURE, TOPOLOGY, VERSIONS, react)
