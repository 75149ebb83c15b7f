from services.c_mark.models import metadata
from services.mandates import metadata as mandates
from shared.anchors.models import metadata as log
from shared.calendars.models import metadata as calendars
from shared.casework.models import metadata as casework
from shared.documents.models import metadata as documents
from shared.http.models import metadata as http
from shared.messaging.models import metadata as messaging
from shared.runtime.law_in_use import metadata as law
from shared.runtime.migrations import run_env
from shared.uploads.models import metadata as uploads

run_env(metadata, calendars, casework, documents, http, mandates, messaging, law, log, uploads)
