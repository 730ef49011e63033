// Makes a catalog's pages interactive: theme, copying, filters, sorting, the plot, comparing. Without it the tables read.
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const make = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };
  document.documentElement.classList.add("scripted");

  // Theme: what the system says, or a choice that is kept.
  const themes = ["auto", "light", "dark"];
  const stored = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("theme");
      localStorage.setItem("theme", value);
    } catch { /* kept by no browser that forbids it */ }
    return null;
  };
  const theme = make("button", { id: "theme", type: "button" });
  const show = (name) => {
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    theme.textContent = `Theme: ${name}`;
  };
  let current = themes.includes(stored()) ? stored() : "auto";
  show(current);
  one("header").append(theme);
  theme.addEventListener("click", () => {
    current = themes[(themes.indexOf(current) + 1) % themes.length];
    stored(current);
    show(current);
  });

  // Copying: the clipboard where the page may use it, else a selection, as in old browsers.
  const copy = async (pre) => {
    try {
      await navigator.clipboard.writeText(pre.textContent);
      return true;
    } catch {
      getSelection().selectAllChildren(pre);
      return document.execCommand("copy");
    }
  };
  for (const pre of all("main > pre")) {
    const button = make("button", { type: "button", textContent: "Copy" });
    const box = make("div", { className: "code" });
    pre.tabIndex = 0; // it may scroll
    pre.replaceWith(box);
    box.append(pre, button);
    button.addEventListener("click", async () => {
      button.textContent = (await copy(pre)) ? "Copied" : "Press Ctrl+C";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }

  const form = one("#filters");
  if (!form) return;
  const count = one("#count");
  const families = all("#families button");
  let family = "";

  // The column to compare with stands only where it works.
  for (const row of all("main tr")) {
    const heading = row.parentNode.tagName === "THEAD";
    const cell = make(heading ? "th" : "td", heading ? { scope: "col" } : {});
    if (heading) cell.append(make("span", { className: "hidden", textContent: "Compare" }));
    row.prepend(cell);
  }

  // Rows as data, read once from the tables. A family that is not said is what stands before the first dot.
  let [told, before] = ["", ""];
  const rows = all("main tbody tr").map((row) => {
    // a description stands at the first row of those that share it
    const cells = [...row.cells];
    const texts = cells.map((cell) => cell.textContent.trim());
    const family = row.dataset.f ?? texts[1].split(".")[0];
    told = row.dataset.t ?? (family === before ? told : "");
    before = family;
    return {
      row, cells, texts,
      name: texts[1],
      kind: row.closest("table").id,
      family,
      vcpus: texts[2] === "" ? NaN : Number(texts[2]),
      memory: cells[3].dataset.b === "" ? NaN : Number(cells[3].dataset.b),
      search: `${texts.join(" ")} ${told} ${row.dataset.v ?? ""}`.toLowerCase(),
    };
  });
  const GIB = 2 ** 30;

  // The points stand in the order of the rows that have both figures.
  const drawn = rows.filter((each) => each.kind === "instancetypes" && each.vcpus && each.memory);
  const points = new Map(all("#points circle").map((point, place) => [point, drawn[place]]));
  for (const [point, { name, texts }] of points) {
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.textContent = `${name}: ${texts[2]} vCPU, ${texts[3]}`;
    point.append(title);
  }

  const wanted = () => {
    const field = (name) => form.elements[name];
    const number = (name, otherwise) => (field(name).value === "" ? otherwise : Number(field(name).value));
    return {
      words: field("text").value.toLowerCase().split(/\s+/).filter(Boolean),
      vcpus: [number("cpu-min", -Infinity), number("cpu-max", Infinity)],
      memory: [number("memory-min", -Infinity) * GIB, number("memory-max", Infinity) * GIB],
      type: field("class")?.value ?? "",
      vendor: field("vendor")?.value ?? "",
      arch: field("arch")?.value ?? "",
      special: ["dedicated", "hugepages", "gpu"].filter((name) => field(name).checked).map((name) => name[0]),
    };
  };
  const within = (value, [low, high]) => (low === -Infinity && high === Infinity) || (value >= low && value <= high);
  const fits = (each, want) =>
    want.words.every((word) => each.search.includes(word)) &&
    (!want.vendor || each.row.dataset.v === want.vendor) &&
    (!want.arch || each.row.dataset.a === want.arch) &&
    // what remains is about sizes, and no preference has one
    (each.kind === "preferences" ||
      (within(each.vcpus, want.vcpus) && within(each.memory, want.memory) &&
        (!want.type || each.texts[4] === want.type) &&
        want.special.every((letter) => each.row.dataset.x?.includes(letter)) &&
        (!family || each.family === family)));

  const apply = () => {
    const want = wanted();
    const counts = { instancetypes: 0, preferences: 0 };
    for (const each of rows) {
      const fit = fits(each, want);
      each.row.hidden = !fit;
      if (fit) counts[each.kind] += 1;
    }
    for (const [point, each] of points) point.classList.toggle("off", each.row.hidden);
    for (const button of families) button.setAttribute("aria-pressed", String(button.dataset.f === family));
    const parts = Object.keys(counts).filter((kind) => one(`#${kind}`)).map((kind) => `${counts[kind]} ${kind}`);
    count.textContent = `Shown: ${parts.join(", ")}`;
    remember();
  };

  // The filters stand in the address, so that a view can be linked to.
  const remember = () => {
    const state = new URLSearchParams();
    for (const field of form.elements) {
      const value = field.type === "checkbox" ? (field.checked ? "on" : "") : field.value;
      if (field.name && value) state.set(field.name, value);
    }
    if (family) state.set("family", family);
    try {
      history.replaceState(null, "", state.size ? `#${state}` : location.pathname + location.search);
    } catch { /* some browsers forbid it on files */ }
  };
  const recall = () => {
    if (!location.hash.includes("=")) return;
    const state = new URLSearchParams(location.hash.slice(1));
    for (const field of form.elements) {
      if (!field.name) continue;
      if (field.type === "checkbox") field.checked = state.get(field.name) === "on";
      else field.value = state.get(field.name) ?? "";
    }
    family = state.get("family") ?? "";
  };
  const choose = (name) => {
    family = family === name ? "" : name;
    apply();
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => {
    family = "";
    setTimeout(apply);
  });
  for (const button of families) button.addEventListener("click", () => choose(button.dataset.f));
  one("#points")?.addEventListener("click", (event) => {
    if (points.has(event.target)) choose(points.get(event.target).family);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, select, dialog") && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      form.elements.text.focus();
    }
  });

  // Sorting: figures by value, names as people count, empty cells last.
  const collator = new Intl.Collator("en", { numeric: true });
  const key = (cell) => (cell.dataset.b !== undefined ? cell.dataset.b : cell.textContent.trim());
  for (const heading of all("main thead th")) {
    const index = heading.cellIndex;
    if (index === 0) continue;
    const button = make("button", { type: "button", textContent: heading.textContent });
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      const body = heading.closest("table").tBodies[0];
      for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const order = (first, second) => {
        const [a, b] = [key(first.cells[index]), key(second.cells[index])];
        if (!a || !b) return a ? -1 : b ? 1 : 0;
        return (down ? -1 : 1) * collator.compare(a, b);
      };
      body.append(...[...body.rows].sort(order));
    });
  }

  // Comparing: up to four, of either kind.
  const MOST = 4;
  const chosen = [];
  const bar = one("#chosen");
  const dialog = one("#compare");
  const boxes = new Map();
  const update = () => {
    bar.hidden = chosen.length === 0;
    one("span", bar).textContent = `${chosen.map((each) => each.name).join(", ")} (${chosen.length} of ${MOST})`;
    one("button.main", bar).disabled = chosen.length < 2;
    for (const [each, box] of boxes) box.disabled = chosen.length >= MOST && !chosen.includes(each);
    for (const [point, each] of points) point.classList.toggle("picked", chosen.includes(each));
  };
  for (const each of rows) {
    const box = make("input", { type: "checkbox" });
    box.setAttribute("aria-label", `Compare ${each.name}`);
    each.cells[0].append(box);
    boxes.set(each, box);
    box.addEventListener("change", () => {
      if (box.checked) chosen.push(each);
      else chosen.splice(chosen.indexOf(each), 1);
      update();
    });
  }
  const paths = JSON.parse(dialog.dataset.k);
  const spec = (each) => {
    const told = JSON.parse(each.row.dataset.s);
    return Object.fromEntries(told.flatMap((part, place) => (place % 2 ? [] : [[paths[part], told[place + 1]]])));
  };
  const facts = (each) => ({
    "display name": each.texts[6], class: each.kind === "instancetypes" ? each.texts[4] : "",
    system: each.kind === "preferences" ? each.texts[4] : "", special: each.texts[5], vendor: each.row.dataset.v ?? "",
    ...spec(each),
  });
  const compare = () => {
    const found = chosen.map(facts);
    const fields = [...new Set(found.flatMap(Object.keys))];
    const written = (value) => (value === undefined || value === "" ? "–" : typeof value === "string" ? value : JSON.stringify(value));
    const head = make("tr", {}, make("th", { scope: "col", textContent: "Field" }),
      ...chosen.map((each) => make("th", { scope: "col", textContent: each.name })));
    const body = fields.map((field) => {
      const texts = found.map((each) => written(each[field]));
      if (texts.every((text) => text === "–")) return "";
      const differs = texts.some((text) => text !== texts[0]);
      return make("tr", { className: differs ? "differs" : "" }, make("th", { scope: "row", textContent: field }),
        ...texts.map((text) => make("td", { textContent: text })));
    });
    one("table", dialog).replaceChildren(make("thead", {}, head), make("tbody", {}, ...body));
    dialog.showModal();
  };
  one("button.main", bar).addEventListener("click", compare);
  one("button:last-child", bar).addEventListener("click", () => {
    for (const box of boxes.values()) box.checked = false;
    chosen.length = 0;
    update();
  });
  one("button", dialog).addEventListener("click", () => dialog.close());

  addEventListener("hashchange", () => {
    recall();
    apply();
  });
  recall();
  apply();
})();
