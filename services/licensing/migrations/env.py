from services.licensing.models import metadata
from shared.casework.models import metadata as casework
from shared.messaging.models import metadata as messaging
from shared.runtime.migrations import run_env

run_env(metadata, casework, messaging)
