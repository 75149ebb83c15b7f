"""The service of type approval 型式批准 without its API."""

from services.catalogue import TOPOLOGY, VERSIONS
from services.type_approval.reactions import react
from shared.runtime.permit_service import permit_service

Service = permit_service("type_approval", TOPOLOGY, VERSIONS, react)
