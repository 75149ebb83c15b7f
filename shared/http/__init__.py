"""The HTTP side of a service: routes as data, one entry point, problem+json for every error."""

from shared.http.problems import Problem, Violation
from shared.http.routes import PUBLIC, Call, Reply, Route

__all__ = ["PUBLIC", "Call", "Problem", "Reply", "Route", "Violation"]
