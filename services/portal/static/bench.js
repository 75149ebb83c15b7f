// The table of points as in a spreadsheet: arrows and Enter move, cells are pasted, verdicts follow what is typed.
// Without this file the buttons of the page do the same.
"use strict";
(() => {
  const form = document.querySelector("form.bench");
  const body = form && form.querySelector(".points tbody");
  if (!body) return;
  const cells = (row) => [...row.querySelectorAll("input, select")];
  const at = (row, column) => body.rows[row] && cells(body.rows[row])[column];
  const place = (cell) => [cell.closest("tr").sectionRowIndex, cells(cell.closest("tr")).indexOf(cell)];

  // A further row is a copy of the last one with the next number.
  const grow = () => {
    const last = body.rows[body.rows.length - 1], copy = last.cloneNode(true);
    const was = last.dataset.row, number = String(Number(was) + 1), count = body.rows.length + 1;
    copy.dataset.row = number;
    copy.cells[0].textContent = count;
    for (const cell of cells(copy)) {
      cell.value = "";
      cell.name = cell.name.replace(`points.${was}.`, `points.${number}.`);
      cell.id = cell.id.replace(`f-points-${was}-`, `f-points-${number}-`);
      cell.setAttribute("aria-label", cell.getAttribute("aria-label").replace(String(count - 1), String(count)));
    }
    body.append(copy);
    clear(copy);
  };

  const clear = (row) => {
    for (const one of row.querySelectorAll(".result")) one.textContent = "";
    for (const one of row.querySelectorAll(".wrong-text")) one.remove();
    for (const one of row.querySelectorAll(".wrong")) one.classList.remove("wrong");
    for (const one of cells(row)) { one.removeAttribute("aria-invalid"); one.removeAttribute("aria-describedby"); }
  };

  body.addEventListener("keydown", (event) => {
    const moves = { ArrowUp: -1, ArrowDown: 1, Enter: 1 };
    if (!(event.key in moves) || event.target.tagName === "SELECT" || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    const [row, column] = place(event.target);
    if (event.key === "Enter" && row + 1 === body.rows.length && event.target.value) grow();
    const next = at(row + moves[event.key], column);
    if (next) { next.focus(); if (next.select) next.select(); }
  });

  // Of a list, the value that is called so; what is none of them stays, and is told of by the service.
  const put = (cell, text) => {
    const called = (one) => [one.value, one.text].some((name) => name.trim().toLowerCase() === text.toLowerCase());
    const choice = cell.options && [...cell.options].find(called);
    if (cell.options && !choice) cell.add(new Option(text, text));
    cell.value = choice ? choice.value : text;
  };

  body.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    if (!/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const [top, left] = place(event.target), columns = cells(body.rows[0]).length - left;
    const lines = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n");
    const wide = lines.filter((line) => line.trimEnd().split("\t").length > columns);
    lines.filter((line) => !wide.includes(line)).forEach((line, down) => {
      while (top + down >= body.rows.length) grow();
      clear(body.rows[top + down]);
      line.split("\t").slice(0, columns).forEach((value, right) => put(at(top + down, left + right), value.trim()));
    });
    // Lines with too many cells are where those are that were pasted into the field.
    const field = document.getElementById("pasted");
    document.getElementById("pasted-error").hidden = !wide.length;
    if (wide.length) {
      field.value = wide.join("\n");
      field.closest("details").open = true;
      field.focus();
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // What is wrong with cells in which something stands; that others are still empty is no news to whoever types.
  const tell = (row, told) => {
    const news = cells(told);
    cells(row).forEach((cell, index) => {
      const wrong = news[index].parentElement.querySelector(".wrong-text");
      if (!wrong || !cell.value) return;
      cell.parentElement.append(wrong);
      cell.parentElement.classList.add("wrong");
      cell.setAttribute("aria-invalid", "true");
      cell.setAttribute("aria-describedby", wrong.id);
    });
  };

  // The page that "check" would answer with has the verdicts: they are taken from it row by row.
  let waiting = 0, asked = 0, changed = false;
  const check = async () => {
    const mine = ++asked, sent = new FormData(form);
    sent.set("_step", "check");
    let page;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(sent) });
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch { return; }
    if (mine !== asked || !page.querySelector("form.bench")) return;
    for (const row of body.rows) {
      const told = page.querySelector(`.points tr[data-row="${row.dataset.row}"]`);
      if (!told) continue;
      clear(row);
      tell(row, told);
      const news = told.querySelectorAll(".result");
      row.querySelectorAll(".result").forEach((cell, index) => cell.replaceChildren(...news[index].childNodes));
    }
    const outcome = document.getElementById("outcome");
    outcome.replaceChildren(...page.getElementById("outcome").childNodes);
    // Of the summary that it begins with, what is wrong with cells in which something stands: row, column and why.
    const links = [...page.querySelectorAll("#errors a[href^='#f-points-']")];
    const faults = links.filter((link) => document.getElementById(link.getAttribute("href").slice(1))?.value);
    if (!faults.length) return;
    const notice = document.createElement("div"), list = document.createElement("ul");
    notice.className = "notice bad";
    list.append(...faults.map((link) => link.parentElement));
    notice.append(list);
    outcome.append(notice);
  };
  form.addEventListener("input", (event) => {
    changed = true;
    if (event.target.closest && event.target.closest(".points tbody tr")) clear(event.target.closest("tr"));
    clearTimeout(waiting);
    waiting = setTimeout(check, 700);
  });
  form.addEventListener("submit", () => { changed = false; clearTimeout(waiting); asked++; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
})();
