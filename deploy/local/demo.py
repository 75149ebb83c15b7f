"""`make demo`: the main job from end to end on the real system, printed as a readable summary."""

from __future__ import annotations

import re
import sys
import time
from datetime import date
from typing import TYPE_CHECKING, Any

from rich.console import Console

from deploy.local import backing, registers
from deploy.local.client import Client, wait_for
from deploy.local.errors import BackingError
from deploy.local.folders import ROOT
from deploy.local.portal import PORTAL
from deploy.local.standing import USUAL_PORTS
from deploy.local.story import ZONE, Story
from deploy.local.system import System
from deploy.local.tap import Tap
from services import SERVICES
from shared.documents import jws

if TYPE_CHECKING:
    from collections.abc import Iterable

    from deploy.local.story import Moment

NAMESPACE = "quanheng_demo"
OUT = ROOT / "out"
PAGES = f"http://127.0.0.1:{USUAL_PORTS[PORTAL]}"
"""Where the QR codes lead: the portal that `make up` starts."""
CERTIFICATE, LICENCE = "2013F101-22", "吉制00000001号"
TOTALS = {
    "发布 published": "quanheng_events_published_total",
    "消费 consumed": "quanheng_events_consumed_total",
    "重复 duplicates": "quanheng_events_duplicate_total",
    "搁置 parked": "quanheng_events_parked",
}


def main() -> int:
    console = Console(highlight=False, soft_wrap=True)
    began = time.monotonic()
    console.print("[bold]权衡 Quanheng[/] 一件衡器，从申请到证书和许可证 One scale, from application to licence\n")
    try:
        with (
            backing.ensure(NAMESPACE, fresh=True, keep=True) as found,
            System(found, given_time=True, documents=True, papers=PAGES) as system,
        ):
            console.print("准备数据库和队列 preparing databases and queues …", style="dim")
            system.migrate()
            system.start()
            console.print("各服务已启动 the services have started", style="dim")
            registers.fill(system)
            told = f"名册 registers: {registers.LAB} {registers.LABORATORY['name']}"
            console.print(f"{told}，人员和计量标准器 with its people and standards\n", style="dim")
            with Tap(found.amqp_url, SERVICES) as tap:
                story = Story(system)
                _timeline(console, story, tap)
                _clocks(console, story)
                _messages(console, story)
                documents = _documents(console, story)
                _totals(console, system)
    except BackingError as error:
        sys.exit(f"demo: {error}")
    told = "在浏览器中看这件案子 see this story in a browser"
    console.print(f"\n{told}: QUANHENG_NAMESPACE={NAMESPACE} make up")
    console.print("停止并清理 stop it, and private servers: make down")
    console.print(f"用时 took {time.monotonic() - began:.0f} s")
    expected = (CERTIFICATE, LICENCE)
    if documents != expected:
        console.print(f"expected {expected}, got {documents}", style="red")
        return 1
    return 0


def _timeline(console: Console, story: Story, tap: Tap) -> None:
    console.rule("经过 Timeline", align="left")
    for moment in story.tell():
        events = [f"{event.source}:{event.type}" for event in tap.heard(moment.case)]
        console.print(_line(moment, events))


def _line(moment: Moment, events: Iterable[str]) -> str:
    at = moment.at.astimezone(ZONE)
    weekday = "一二三四五六日"[at.weekday()]
    told = " ".join(dict.fromkeys(events))
    return f"{at:%Y-%m-%d} 周{weekday} {at:%H:%M}  [cyan]{moment.case}[/]  {moment.who}：{moment.what}  [dim]{told}[/]"


def _clocks(console: Console, story: Story) -> None:
    console.print()
    console.rule("期限 Clocks", align="left")
    for number in (story.type_approval, story.licence_application):
        console.print(f"[cyan]{number}[/]")
        for clock in story.clocks(number):
            late = f"逾期 {clock['overrun']} 日 breached" if clock["overrun"] else "按期 in time"
            console.print(
                f"  [bold]{clock['name']['zh']}[/] {clock['name']['en']}: {clock['started_on']} → "
                f"{clock.get('stopped_on', '…')}, 最后一日 last day {clock.get('deadline', '—')}, "
                f"已计 counted {clock['consumed']} / {clock['budget']['zh']}, "
                f"[{'red' if clock['overrun'] else 'green'}]{late}[/]"
            )
            for run in _excluded(clock):
                console.print(f"      [dim]不计 not counted: {run}[/]")
        console.print()


def _excluded(clock: dict[str, Any]) -> list[str]:
    """The runs of days that did not count, each with its reason; weekends are combined in one line."""
    left_out = [run for run in clock["segments"] if not run["counted"] and run["kind"] != "overrun"]
    runs = [
        f"{run['from']} … {run['to']}  {run['why']['zh']}  {run['why']['en']}"
        for run in left_out
        if run["kind"] != "weekend"
    ]
    weekends = sum(
        (date.fromisoformat(run["to"]) - date.fromisoformat(run["from"])).days + 1
        for run in left_out
        if run["kind"] == "weekend"
    )
    return runs + ([f"周末 weekends: {weekends} 日 days"] if weekends else [])


def _messages(console: Console, story: Story) -> None:
    console.rule("通知 Messages", align="left")
    for number in (story.type_approval, story.licence_application):
        for message in story.messages(number):
            console.print(f"{message['at'][:10]}  → {message['recipient']}: {message['subject']}")


def _documents(console: Console, story: Story) -> tuple[str, str]:
    """Write the public certificate and licence to `out/`, with the keys to check them; returns their numbers."""
    console.print()
    console.rule("证书和许可证 Certificate and licence", align="left")
    OUT.mkdir(exist_ok=True)
    keys = OUT / "keys.json"
    keys.write_bytes(story.client("type_approval").file("/.well-known/quanheng/keys.json"))
    certificate = _document(console, story.client("type_approval"), "certificate", story.certificate)
    licence = _document(console, story.client("licensing"), "licence", story.licence)
    console.print(f"有效期至 valid until {licence['valid_until']}")
    told = "样张，由开发密钥签名 samples, signed with a development key; 核验 check them"
    console.print(f"{told}: .venv/bin/quanheng verify --allow-development out/certificate-{story.certificate}.pdf")
    return certificate["number"], licence["number"]


def _document(console: Console, client: Client, name: str, number: str) -> dict[str, Any]:
    """Write one of them, as signed PDF, the data in it, and their signature; what the public reads of it."""

    def made() -> dict[str, Any] | None:
        found = client.get(f"/v1/{name}s/{number}")
        return found if "sha256" in found["issues"][-1] else None

    document: dict[str, Any] = wait_for(f"the document of {number} to be made", made)
    signed = client.file(f"/v1/{name}s/{number}/document.jws")
    files = {
        ".pdf": client.file(f"/v1/{name}s/{number}/document.pdf"),
        ".json": jws.read(signed.decode()).payload,
        ".jws": signed,
    }
    for ending, content in files.items():
        (OUT / f"{name}-{number}{ending}").write_bytes(content)
    told = f"{OUT.relative_to(ROOT)}/{name}-{number}"
    console.print(f"[bold green]{number}[/]  {document['title']['zh']}  →  {', '.join(told + end for end in files)}")
    return document


def _totals(console: Console, system: System) -> None:
    console.print()
    console.rule("合计 Totals", align="left")
    exposed = {service: Client(system.url(service)).text("/metrics") for service in SERVICES}
    for label, metric in TOTALS.items():
        sums = {service: _sum(text, metric) for service, text in exposed.items()}
        each = "  ".join(f"{service} {count}" for service, count in sums.items())
        console.print(f"{label}: [bold]{sum(sums.values())}[/]   [dim]{each}[/]")


def _sum(exposition: str, metric: str) -> int:
    values = re.findall(rf"^{metric}(?:{{[^}}]*}})? (\S+)$", exposition, re.MULTILINE)
    return sum(round(float(value)) for value in values)


if __name__ == "__main__":
    sys.exit(main())
