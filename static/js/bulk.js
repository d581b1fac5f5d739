/* The bulk edit form, made quicker. Without this every part of it works as well: the
   style sheet shows the inputs of what is chosen, and the server asks about the rest.

   Attributes it looks for: data-bulk-field, data-bulk-section, data-bulk-find,
   data-bulk-found, data-bulk-only, data-bulk-count. */

(() => {
  "use strict";

  const form = document.querySelector(".bulk-form");
  const find = document.querySelector("[data-bulk-find]");
  const found = document.querySelector("[data-bulk-found]");
  const only = document.querySelector("[data-bulk-only]");
  if (!form) return;
  const total = form.querySelector("[data-bulk-count]");

  const fields = [...form.querySelectorAll("[data-bulk-field]")].map((field) => ({
    field,
    mode: field.querySelector(".bulk-mode"),
    groups: [...field.querySelectorAll(".bulk-inputs")],
    words: [".bulk-field > legend", ".bulk-value > .field-help"]
      .map((part) => field.querySelector(part)?.textContent ?? "")
      .join(" ")
      .toLowerCase(),
  }));

  function count() {
    const chosen = fields.filter(({ mode }) => mode.value !== "leave").length;
    total.textContent = chosen.toLocaleString(document.documentElement.lang);
  }

  /* What is not chosen is not sent, and keeps what was typed for a change of mind. */
  function choose({ mode, groups }) {
    for (const group of groups) {
      const isChosen = group.dataset.doing === mode.value;
      group.disabled = !isChosen && !group.classList.contains("is-forgotten");
    }
  }

  function show() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const each of fields) {
      const isLeft = each.mode.value === "leave";
      const isFound = words.every((word) => each.words.includes(word));
      each.field.hidden = !isFound || (only.checked && isLeft);
      shown += each.field.hidden ? 0 : 1;
    }
    for (const section of form.querySelectorAll("[data-bulk-section]")) {
      section.hidden = !section.querySelector("[data-bulk-field]:not([hidden])");
    }
    const isAsked = words.length > 0 || only.checked;
    found.textContent = isAsked ? `${found.dataset.text} ${shown}` : "";
  }

  /* After a click the hand is free for the keyboard; who chose with the keyboard goes
     on by itself. */
  let isPointing = false;
  form.addEventListener("pointerdown", () => (isPointing = true));
  form.addEventListener("keydown", () => (isPointing = false));

  form.addEventListener("change", (event) => {
    const changed = fields.find(({ mode }) => mode === event.target);
    if (!changed) return;
    for (const group of changed.groups) group.classList.remove("is-forgotten");
    choose(changed);
    count();
    if (!isPointing) return;
    const inputs = ':is(input:not([type="hidden"]), select, textarea, summary)';
    changed.field.querySelector(`.bulk-inputs:enabled ${inputs}`)?.focus();
  });

  find.addEventListener("input", show);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && find.value) {
      find.value = "";
      show();
    }
    if (event.key === "Enter") fields.find(({ field }) => !field.hidden)?.mode.focus();
  });
  only.addEventListener("change", show);

  /* Nothing may go wrong out of sight. */
  form.addEventListener("invalid", () => {
    find.value = "";
    only.checked = false;
    show();
  }, true);

  // Going back, the browser restores what was chosen after the scripts ran.
  window.addEventListener("pageshow", () => {
    fields.forEach(choose);
    count();
    show();
  });
  fields.forEach(choose);
  count();
})();
