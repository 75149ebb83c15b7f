"""The command line: results on stdout, warnings on stderr, and one clear line for bad input."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.console import main
from tests.shared.metrology.reports import full

ROOT = Path(__file__).parents[2]


def run(*args: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, args)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("args", "answer"),
    [
        (("due", "2013-09-17", "5wd"), "2013-09-25\n"),
        (("due", "2013-07-01", "3mo"), "2013-10-08\n"),
        (("due", "2013-08-03", "60d"), "2013-10-08\n"),
        (("mpe", "r76", "--class", "III", "--e", "5g", "--load", "2.505kg"), "±5 g\n"),
        (("mpe", "r76", "--class", "III", "--e", "5g", "--load", "2.505kg", "--in-service"), "±10 g\n"),
    ],
)
def test_exact_answers(args: tuple[str, ...], answer: str) -> None:
    assert run(*args) == (0, answer, "")


def test_a_provisional_date_is_still_a_date() -> None:
    code, out, err = run("due", "2026-12-10", "20wd")
    assert (code, out) == (0, "2027-01-08\n")
    assert err.startswith("provisional 暂定: ")


def test_explained_day_by_day() -> None:
    code, out, _ = run("due", "2013-09-17", "5wd", "--explain")
    lines = out.splitlines()
    assert code == 0
    assert len(lines) == 1 + 8 + 1
    assert lines[1].split()[:4] == ["2013-09-18", "Wed", "三", "1"]
    assert "中秋" in lines[2]
    assert "Mid-autumn" in lines[2]
    assert lines[-1] == "2013-09-25"


def test_the_days_are_drawn_into_a_file(tmp_path: Path) -> None:
    file = tmp_path / "due.svg"
    assert run("due", "2013-09-17", "5wd", "--svg", str(file)) == (0, "2013-09-25\n", "")
    assert file.read_text(encoding="utf-8").startswith("<svg ")
    assert "cannot write" in run("due", "2013-09-17", "5wd", "--svg", str(tmp_path / "none" / "due.svg"))[2]


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("due", "2013-02-30", "5wd"), "YYYY-MM-DD"),
        (("due", "2013-09-17", "5 weeks"), "as 5wd"),
        (("due", "9999-12-30", "5wd"), "9999"),
        (("mpe", "r76", "--class", "III", "--e", "5g", "--load", "5斤"), "is not a legal unit"),
        (
            ["mpe", "r49", "--class", "2", "--q3", "2.5", "--r", "100", "--flow", "4"],
            "flow 4 m3/h is outside 0.025 m3/h … 3.125 m3/h",
        ),
        (("law", "show", "--on", "1990-01-01", "--permit", "manufacture"), "no regime for manufacture"),
        (("law", "check", "--rules", "atlantis"), "use one of jilin-2013"),
    ],
)
def test_bad_input_is_one_line_and_status_2(args: tuple[str, ...], text: str) -> None:
    code, out, err = run(*args)
    assert (code, out) == (2, "")
    assert text in err
    assert err.count("\n") == 1


def test_the_law_of_a_day() -> None:
    _, out, _ = run("law", "show", "--on", "2013-08-30", "--permit", "type_approval")
    assert "TA-74" in out
    assert "型式评价" in out
    assert not [line for line in out.splitlines() if line.startswith(" evaluation") and "unverified" in line]
    _, out, _ = run("law", "show", "--on", "2023-06-01", "--permit", "type_approval")
    assert "unverified 未核实" in out
    _, out, _ = run("law", "show", "--on", "2017-12-28", "--permit", "manufacture")
    assert "CMC-NONE" in out
    assert "许可已取消" in out


def test_the_rule_set_is_checked() -> None:
    code, out, _ = run("law", "check")
    assert code == 0
    assert out.startswith("jilin-2013: ")


def test_what_is_not_verified_is_shown_so_and_promises_stand_apart() -> None:
    _, out, _ = run("law", "show", "--on", "2013-08-30", "--permit", "type_approval")
    promised = out[out.index("承诺期限") :]
    assert "decision_promised" in promised
    assert "decision_promised" not in out[: out.index("承诺期限")]
    assert "RL  unverified 未核实" in next(line for line in out.splitlines() if "decision_promised" in line)
    assert "JJF 1015-2002" in out
    _, out, _ = run("law", "show", "--on", "2019-10-23", "--permit", "type_approval")
    assert "CAT-48 P+V" in out
    assert "压力表" not in out


def test_a_folder_of_rules_is_checked(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    shutil.copytree(ROOT / "shared/law/data/jilin-2013", folder)
    assert run("law", "check", "--data", str(folder))[0] == 0
    ladders = folder / "ladders.toml"
    text = ladders.read_text(encoding="utf-8")
    ladders.write_text(text.replace("improvement", "betterment", 1), encoding="utf-8")
    code, _, err = run("law", "check", "--data", str(folder))
    assert code == 2
    assert "ladders.toml: row days_30: field limits: there is no limit 'betterment'" in err
    (folder / "limits.toml").rename(folder / "limit.toml")
    assert "lacking: limits.toml; not known: limit.toml" in run("law", "check", "--data", str(folder))[2]


def test_a_gap_between_rows_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "gap"
    shutil.copytree(ROOT / "shared/law/data/jilin-2013", folder)
    marks = folder / "marks.toml"
    text = marks.read_text(encoding="utf-8")
    marks.write_text(text.replace("to = 2019-01-01", "to = 2018-01-01"), encoding="utf-8")
    code, _, err = run("law", "check", "--data", str(folder))
    assert (code, err) == (0, "gap 空档: marks.toml: row C: no rule from 2018-01-01 until 2019-01-01\n")


def test_help_loads_nothing_but_click() -> None:
    program = (
        "import sys, services.console; print(sorted({'rich', 'marshmallow', 'chinese_calendar'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("line", "limits"),
    [
        ("r49 --class 2 --q3 2.5 --r 100 --flow 0.04 --temp 20", "±2 %"),
        ("r117 --class 0.5 --line A --mmq 5L --volume 5L", "±50 mL"),
        ("jjg443 --volume 20L", "±60 mL"),
        ("r60 --class C --v 1g --plc 0.7 --load 600g", "±0.7 g"),
        ("r46 --class B --imin 0.25A --itr 0.5A --imax 60A --ist 0.02A --current 10A --pf 1", "±1 %"),
        (
            "r46 --class B --imin 0.25 --itr 0.5 --imax 60 --ist 0.02 --current 0.07",
            "±5.35714 %  (exactly 精确值 ±75/14 %)",
        ),
        ("r21 --quantity distance --value 1000m", "±4 m"),
        ("r49 --class 2 --q3 2.5 --r 100 --flow 0.15 --country FR", "±4 %"),
    ],
)
def test_limits_at_a_point(line: str, limits: str) -> None:
    assert run("mpe", *line.split()) == (0, f"{limits}\n", "")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("r76 --class III --e 5g", "load is missing: give --load"),
        ("r60 --class C --v 1g --load 1g --in-service", "no limits in service"),
        ("jjg443 --volume 20L --edition 1990", "use one of JJG 443-2006, JJG 443-2015"),
    ],
)
def test_where_there_is_no_limit(line: str, text: str) -> None:
    code, out, err = run("mpe", *line.split())
    assert (code, out) == (2, "")
    assert text in err


def test_limits_as_data_and_what_is_not_verified() -> None:
    code, out, err = run(*["mpe", "jjg517", "--value", "1000m", "--json"])
    assert code == 0
    found = json.loads(out)
    assert (found["lower"], found["upper"]) == ("-40 m", "10 m")
    assert (found["rule"], found["edition"]) == ("JJG 517-2009 error in use", "JJG 517-2009")
    assert found["source"]
    assert "unverified 未核实" in err
    assert run("mpe", "jjg517")[1] == "+1 % … -4 %\n"


def test_every_programme_has_a_command_with_its_options() -> None:
    _, out, _ = run("mpe", "--help")
    assert {"r76", "r60", "r49", "r117", "jjg443", "r46", "mid5", "gbt17215", "r21", "jjg517"} <= {*out.split()}
    assert "--flow" in run("mpe", "r49", "--help")[1]


def test_a_series_is_read_from_a_file(tmp_path: Path) -> None:
    cells = [{"id": f"C3-{one}", "class": "C", "n_lc": "3000", "emax": f"{one} kg"} for one in (50, 100, 500)]
    file = tmp_path / "series.json"
    file.write_text(json.dumps({"family": "r60", "members": cells}), encoding="utf-8")
    code, out, err = run("series", str(file))
    assert (code, err) == (0, "")
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["C3-50:", "full"],
        ["C3-100:", "-"],
        ["C3-500:", "full"],
    ]
    assert json.loads(run("series", str(file), "--json")[1])[1]["covered_by"] == ["C3-50", "C3-500"]
    file.write_text(json.dumps({"family": "r99", "members": cells}), encoding="utf-8")
    assert "there is no family 'r99'" in run("series", str(file))[2]
    file.write_text("{", encoding="utf-8")
    assert "not JSON" in run("series", str(file))[2]


def test_a_report_is_recomputed_and_its_contradictions_named(tmp_path: Path) -> None:
    report = full(1)
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report), encoding="utf-8")
    assert run("verdict", str(file)) == (0, "pass: 适用的各项均合格 every applicable item passed\n", "")
    report["records"][0]["points"][3]["indication"] = "2.01 kg"
    file.write_text(json.dumps(report), encoding="utf-8")
    code, out, _ = run("verdict", str(file))
    assert code == 1
    assert out.startswith("fail: S-1的r76.weighing：第4点：")
    assert "r76.weighing on S-1: point 4: " in out
    assert "contradiction 矛盾: records.0.points.3.verdict：写为pass，应为fail" in out
    assert "records.0.points.3.verdict: claims pass, it is fail" in out
    found = json.loads(run("verdict", str(file), "--json")[1])
    assert found["verdict"] == "fail"
    assert found["contradictions"][0]["computed"].keys() == found["reason"].keys() == {"zh", "en"}
