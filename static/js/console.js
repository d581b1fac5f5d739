/* Comforts. Every page works without them; nothing here decides anything.

   Attributes it looks for: data-check, data-check-all, data-selection-count,
   data-clear-selection, data-guard, data-search, data-help,
   data-single-keys, data-dismiss. Listeners sit on the document, so that parts
   htmx brings in later need no setting up. */

(() => {
  "use strict";

  const root = document.documentElement;
  const all = (selector, scope = document) => [...scope.querySelectorAll(selector)];
  const on = (type, selector, act) =>
    document.addEventListener(type, (event) => {
      const target = event.target instanceof Element && event.target.closest(selector);
      if (target) act(event, target);
    });

  /* Selection: count, whole page, ranges. */

  let anchor = null;

  function countSelection() {
    const boxes = all("[data-check]");
    const checked = boxes.filter((box) => box.checked).length;
    for (const label of all("[data-selection-count]")) {
      label.textContent = checked.toLocaleString(root.lang);
    }
    for (const box of all("[data-check-all]")) {
      box.checked = checked > 0 && checked === boxes.length;
      box.indeterminate = checked > 0 && checked < boxes.length;
    }
  }

  function selectRange(from, to, checked) {
    const boxes = all("[data-check]:not(:disabled)");
    const ends = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b);
    if (ends[0] < 0) return;
    for (const box of boxes.slice(ends[0], ends[1] + 1)) box.checked = checked;
  }

  on("click", "[data-check]", (event, box) => {
    if (event.shiftKey && anchor) selectRange(anchor, box, box.checked);
    anchor = box;
    countSelection();
  });

  on("click", "[data-check-all]", (event, box) => {
    for (const other of all("[data-check]:not(:disabled)")) other.checked = box.checked;
    countSelection();
  });

  on("click", "[data-clear-selection]", (event, link) => {
    if (link.closest(".is-all")) return; // the link leads back to the plain list
    event.preventDefault();
    for (const box of all("[data-check]")) box.checked = false;
    countSelection();
  });

  /* A value typed is not NULL. */
  on("input", ".field:has(> .field-null)", (event, field) => {
    if (event.target.type !== "checkbox" && event.target.value) {
      field.querySelector(".field-null input").checked = false;
    }
  });

  /* Unsaved changes. */

  let isDirty = false;

  on("input", "[data-guard]", () => (isDirty = true));
  on("change", "[data-guard]", () => (isDirty = true));
  on("submit", "[data-guard]", () => (isDirty = false));
  window.addEventListener("beforeunload", (event) => {
    if (isDirty) event.preventDefault();
  });

  /* Keyboard. */

  const storage = {
    get: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
    set: (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window */ } },
  };
  const help = document.getElementById("help");

  function moveRow(step) {
    const rows = all(".data-table tbody tr");
    const current = rows.indexOf(document.activeElement?.closest("tr"));
    const row = rows[Math.min(Math.max(current + step, 0), rows.length - 1)];
    const link = row?.querySelector(".record-link, .cell-main a");
    (link ?? row?.querySelector("a, [data-check]"))?.focus();
  }

  function toggleRow(event) {
    const box = document.activeElement?.closest("tr")?.querySelector("[data-check]");
    if (!box || box.disabled) return false;
    box.checked = !box.checked;
    if (event.shiftKey && anchor) selectRange(anchor, box, box.checked);
    anchor = box;
    countSelection();
    return true;
  }

  const keys = {
    "/": () => { const field = all("[data-search]").pop(); field?.focus(); field?.select(); return field; },
    "?": () => { help?.showModal(); return help; },
    j: () => { moveRow(1); return true; },
    k: () => { moveRow(-1); return true; },
    x: toggleRow,
  };

  function isTyping(target) {
    return target.closest("input:not([type=checkbox], [type=radio]), select, textarea, dialog");
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form[method=post]");
      if (form && isTyping(event.target)) form.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || storage.get("mpadmin-single-keys") === "off") return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (act?.(event)) event.preventDefault();
  });

  on("click", "[data-help]", () => help?.showModal());
  on("click", "dialog", (event, dialog) => {
    if (event.target === dialog) dialog.close(); // a click on the backdrop
  });
  on("change", "[data-single-keys]", (event, box) => {
    storage.set("mpadmin-single-keys", box.checked ? "on" : "off");
  });
  for (const box of all("[data-single-keys]")) {
    box.checked = storage.get("mpadmin-single-keys") !== "off";
  }

  /* A filter left empty need not stand in the address. */

  on("submit", "form.filter-bar", (event, form) => {
    for (const field of form.elements) field.disabled ||= field.name && !field.value;
  });
  window.addEventListener("pageshow", () => {
    for (const field of all("form.filter-bar :disabled")) field.disabled = false;
  });

  /* Small things that open and close. */

  on("click", "[data-dismiss]", (event, button) => button.parentElement.remove());

  document.addEventListener("click", (event) => {
    for (const panel of all(".filter-panel[open]")) {
      if (!panel.contains(event.target)) panel.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const panel of all(".filter-panel[open]")) {
      panel.open = false;
      panel.querySelector("summary")?.focus();
    }
  });

  /* A picture that cannot be fetched leaves no broken frame. */

  const hideBroken = (picture) => picture.classList.contains("poster") && (picture.hidden = true);
  document.addEventListener(
    "error",
    (event) => event.target instanceof HTMLImageElement && hideBroken(event.target),
    true, // it does not bubble
  );
  for (const picture of all("img.poster")) {
    if (picture.complete && !picture.naturalWidth) hideBroken(picture);
  }

  /* What htmx replaced starts over. */

  document.addEventListener("htmx:afterSettle", countSelection);
  // Going back, the browser restores ticked boxes after the scripts ran.
  window.addEventListener("pageshow", countSelection);
  root.classList.add("has-script");
  countSelection();
})();
