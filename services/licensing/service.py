"""The service of the manufacturing licence 制造许可 without its API."""

from services.catalogue import TOPOLOGY, VERSIONS
from services.licensing.procedure import PROCEDURE
from services.licensing.reactions import react
from shared.runtime.permit_service import permit_service

Service = permit_service(PROCEDURE, TOPOLOGY, VERSIONS, react)
