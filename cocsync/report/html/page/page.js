"use strict";
{
  const form = document.querySelector("#filter");
  const rows = [...document.querySelectorAll(".rows > li")];
  const folds = [...document.querySelectorAll("details")];
  const texts = new Map();

  /* Made small letters once, when first asked for: diffs are long. */
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };

  const fits = (row) => {
    const wanted = form.elements.text.value.trim().toLowerCase();
    const chosen = [...form.querySelectorAll("select")];
    return chosen.every(({ name, value }) => !value || row.dataset[name] === value) && textOf(row).includes(wanted);
  };

  const filter = () => {
    for (const row of rows) row.hidden = !fits(row);
    const left = rows.filter((row) => !row.hidden).length;
    form.querySelector("[role=status]").textContent = `${left} of ${rows.length} shown`;
  };

  const clear = () => {
    form.reset();
    filter();
  };

  const open = (row) => {
    if (row.hidden) clear();
    const fold = row.querySelector("details");
    if (fold) fold.open = true;
    row.scrollIntoView();
  };

  const openTarget = () => {
    const target = document.querySelector("li:target");
    if (target) open(target);
  };

  if (form) {
    form.hidden = false;
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.querySelector("[data-clear]").addEventListener("click", clear);
    for (const button of form.querySelectorAll("[data-open]")) {
      button.addEventListener("click", () => {
        for (const row of rows) if (!row.hidden) row.querySelector("details").open = button.dataset.open === "true";
      });
    }
    for (const tile of document.querySelectorAll("[data-pick]")) {
      tile.addEventListener("click", () => {
        clear();
        form.elements.action.value = tile.dataset.pick;
        filter();
      });
    }
    filter();
  }

  /* Also where the same link is followed again, which changes no hash. */
  document.addEventListener("click", ({ target }) => {
    if (target.closest("a[href^='#']")) setTimeout(openTarget);
  });
  addEventListener("hashchange", openTarget);
  openTarget();

  /* Paper cannot be opened. */
  addEventListener("beforeprint", () => {
    for (const fold of folds) {
      fold.dataset.was = fold.open;
      fold.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const fold of folds) fold.open = fold.dataset.was === "true";
  });
}
