from services.mandates import metadata as mandates
from services.notifications.models import metadata
from services.notifications.webhooks.models import metadata as webhooks
from shared.calendars.models import metadata as calendars
from shared.http.models import metadata as http
from shared.messaging.models import metadata as messaging
from shared.runtime.law_in_use import metadata as law
from shared.runtime.migrations import run_env

run_env(metadata, webhooks, calendars, http, mandates, messaging, law)
