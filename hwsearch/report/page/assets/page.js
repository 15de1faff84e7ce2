"use strict";
// Filters, the table of jobs, drawing of plots when they come into view, keyboard, theme.
(() => {
  Plotly.setPlotConfig({ logging: 0 }); // its notes on narrow legends help nobody here
  const doc = HP.document, byId = (id) => document.getElementById(id);
  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const say = (text) => { byId("live").textContent = text; };

  // --- filters -------------------------------------------------------------------------------
  let shown = doc.rows;
  const checks = [], ranges = [];
  const buildFilters = () => {
    const form = byId("filters"), states = make("fieldset", {}, make("legend", {}, "What became of the job"));
    for (const [group, [label]] of Object.entries(HP.GROUPS)) {
      const count = doc.rows.filter((r) => r.group === group).length;
      if (!count) continue;
      const box = make("input", { type: "checkbox", name: group, checked: "" });
      const key = make("span", { class: "key", "aria-hidden": "true" });
      key.style.background = `var(--${group})`;
      states.append(make("label", {}, box, " ", key, `${label} (${count})`));
      checks.push([group, box]);
    }
    const fields = make("div", { class: "ranges" });
    const number = (label, get) => {
      const low = make("input", { type: "number", step: "any", "aria-label": `${label}, at least`, placeholder: "at least" });
      const high = make("input", { type: "number", step: "any", "aria-label": `${label}, at most`, placeholder: "at most" });
      fields.append(make("div", {}, label, make("br"), low, " ", high));
      ranges.push((row) => {
        if (low.value === "" && high.value === "") return true;
        const v = get(row);
        return v !== undefined && (low.value === "" || v >= Number(low.value)) && (high.value === "" || v <= Number(high.value));
      });
    };
    for (const h of doc.hyperparameters) {
      if (h.number) { number(h.name, (r) => r.settings[h.name]); continue; }
      const select = make("select", { "aria-label": h.name }, make("option", { value: "" }, "any"));
      h.options.forEach((o, i) => select.append(make("option", { value: String(i) }, o)));
      fields.append(make("div", {}, h.name, make("br"), select));
      ranges.push((row) => select.value === "" || row.settings[h.name] === h.options[Number(select.value)]);
    }
    for (const c of doc.columns) number(c.label, (r) => r.values[c.name]);
    const details = make("details", {}, make("summary", {}, "Values"), fields);
    const reset = make("button", { type: "reset" }, "Show all");
    form.append(states, details, reset);
    form.addEventListener("input", apply);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
  };
  const apply = () => {
    const groups = new Set(checks.filter(([, box]) => box.checked).map(([group]) => group));
    shown = doc.rows.filter((row) => groups.has(row.group) && ranges.every((keep) => keep(row)));
    byId("count").textContent = `${shown.length} of ${doc.rows.length} jobs are shown.`;
    fillTable();
    figures.forEach((figure) => figure.redraw());
  };

  // --- table ---------------------------------------------------------------------------------
  const columns = [
    { label: "job", get: (r) => r.job }, { label: "state", get: (r) => r.state },
    ...doc.columns.map((c) => ({ label: c.label, get: (r) => r.values[c.name], error: (r) => r.errors[c.name] })),
    ...doc.hyperparameters.map((h) => ({ label: h.name, get: (r) => r.settings[h.name] })),
    { label: "files", get: (r) => Object.keys(r.links).length, links: true },
    { label: "reason", get: (r) => r.reason },
  ];
  let sorted = { column: 0, down: false }, most = 100;
  const buildTable = () => {
    const head = make("tr");
    columns.forEach((column, i) => {
      const button = make("button", { type: "button" }, column.label);
      button.addEventListener("click", () => {
        sorted = { column: i, down: sorted.column === i && !sorted.down };
        fillTable();
      });
      head.append(make("th", { scope: "col" }, button));
    });
    byId("table").append(make("caption", { class: "hidden" }, "All jobs; the buttons in the heads sort"), make("thead", {}, head), make("tbody"));
  };
  const compare = (a, b) => {
    const known = (v) => v !== undefined && v !== null && v !== "";
    if (known(a) !== known(b)) return known(a) ? -1 : 1;
    if (!known(a)) return 0;
    const order = typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    return sorted.down ? -order : order;
  };
  const cell = (column, row) => {
    if (column.links) {
      const td = make("td");
      for (const [label, url] of Object.entries(row.links)) td.append(make("a", { href: url }, label), " ");
      return td;
    }
    const value = column.get(row), error = column.error && column.error(row);
    if (typeof value !== "number") return make("td", value ? { title: value } : {}, value === undefined || value === null ? "" : String(value));
    const text = column === columns[0] ? String(value) : HP.number(value);
    return make("td", { class: "number" }, text + (error ? ` ± ${Number(error.toPrecision(2))}` : ""));
  };
  const fillTable = () => {
    const { get } = columns[sorted.column], rows = shown.slice().sort((a, b) => compare(get(a), get(b)));
    document.querySelectorAll("#table thead th").forEach((th, i) => {
      if (i === sorted.column) th.setAttribute("aria-sort", sorted.down ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
    });
    const body = make("tbody");
    for (const row of rows.slice(0, most))
      body.append(make("tr", { class: row.group, "data-job": row.job }, ...columns.map((column) => cell(column, row))));
    byId("table").tBodies[0].replaceWith(body);
    const more = byId("more");
    more.textContent = rows.length > most ? `The first ${most} of ${rows.length} are listed. ` : "";
    if (rows.length > most) {
      const button = make("button", { type: "button" }, "List all");
      button.addEventListener("click", () => { most = Infinity; fillTable(); });
      more.append(button);
    }
  };

  // --- plots ---------------------------------------------------------------------------------
  const figures = [];
  class Figure {
    constructor(element) {
      this.element = element; this.plot = element.querySelector(".plot");
      this.kind = element.dataset.plot; this.name = element.dataset.name;
      this.label = this.name ? `${this.kind}-${this.name}` : this.kind;
      this.drawn = false; this.at = -1;
      this.details = make("details", {}, make("summary", {}, "Numbers"));
      this.details.addEventListener("toggle", () => this.fillNumbers());
      const tools = make("div");
      for (const format of ["svg", "png"]) {
        const button = make("button", { type: "button" }, `Save as ${format.toUpperCase()}`);
        button.addEventListener("click", async () => {
          await this.draw();
          await Plotly.downloadImage(this.plot, { format, filename: this.label.replace(/[^\w-]+/g, "_"), scale: format === "png" ? 2 : 1 });
        });
        tools.append(button);
      }
      element.append(tools, this.details);
      this.plot.addEventListener("keydown", (event) => this.step(event));
    }
    async draw() {
      this.drawn = true;
      const built = HP.PLOTS[this.kind](this.name, shown, this.plot.clientWidth || 600);
      this.numbers = built.numbers;
      this.plot.style.minHeight = `${built.layout.height}px`;
      await Plotly.react(this.plot, built.data, { width: this.plot.clientWidth || 600, ...built.layout }, { displaylogo: false, responsive: false, displayModeBar: false });
      if (this.details.open) this.fillNumbers();
    }
    redraw() {
      if (this.visible) this.draw(); else { this.drawn = false; }
      if (this.details.open && !this.visible) this.draw();
    }
    async fillNumbers() {
      if (!this.details.open) return;
      if (!this.numbers) { await this.draw(); return; }
      const old = this.details.querySelector(".scroll");
      const show = (v) => (typeof v === "number" ? HP.number(v) : v === null || v === undefined ? "" : String(v));
      const table = make("table", {}, make("caption", { class: "hidden" }, this.plot.getAttribute("aria-label")),
        make("thead", {}, make("tr", {}, ...this.numbers.head.map((h) => make("th", { scope: "col" }, h)))),
        make("tbody", {}, ...this.numbers.rows.map((row) => make("tr", {}, ...row.map((v) => make("td", {}, show(v)))))));
      const box = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Numbers" }, table);
      if (old) old.replaceWith(box); else this.details.append(box);
    }
    // Arrow keys go from point to point, and a screen reader says each.
    step(event) {
      const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") Plotly.Fx.unhover(this.plot);
      if (!by || !this.drawn) return;
      event.preventDefault();
      const points = [];
      this.plot.data.forEach((trace, curveNumber) => (trace.text || []).forEach((text, pointNumber) => {
        if (text && trace.y[pointNumber] !== null && trace.x[pointNumber] !== null) points.push({ curveNumber, pointNumber, text });
      }));
      if (!points.length) return;
      this.at = (this.at + by + points.length) % points.length;
      const { curveNumber, pointNumber, text } = points[this.at];
      const subplot = (this.plot.data[curveNumber].xaxis || "x") + (this.plot.data[curveNumber].yaxis || "y");
      Plotly.Fx.hover(this.plot, [{ curveNumber, pointNumber }], [subplot]);
      say(text.replace(/<br>/g, ", ").replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&"));
    }
  }
  const watch = () => {
    document.querySelectorAll("figure").forEach((element) => figures.push(new Figure(element)));
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const figure = figures.find((f) => f.element === entry.target);
        figure.visible = entry.isIntersecting;
        if (figure.visible && !figure.drawn) figure.draw();
      }
    }, { rootMargin: "300px" });
    figures.forEach((figure) => seen.observe(figure.element));
    let width = innerWidth, timer = 0;
    addEventListener("resize", () => {
      if (innerWidth === width) return;
      width = innerWidth;
      clearTimeout(timer);
      timer = setTimeout(() => figures.forEach((figure) => figure.redraw()), 150);
    });
    addEventListener("beforeprint", () => figures.forEach((figure) => figure.draw()));
  };
  HP.drawAll = () => Promise.all(figures.map((figure) => figure.draw()));

  // All plots as text in the page, for programs (figures.py).
  const putPictures = async () => {
    setTheme("light");
    HP.background = "#ffffff";
    document.documentElement.style.setProperty("--panel", "#ffffff");
    const pictures = make("div", { hidden: "" });
    for (const figure of figures) {
      await figure.draw();
      const { width, height } = figure.plot.layout;
      for (const [format, scale] of [["svg", 1], ["png", 3]]) {
        const url = await Plotly.toImage(figure.plot, { format, scale, width, height });
        const text = url.slice(url.indexOf(",") + 1);
        const base64 = url.includes(";base64,") ? text : btoa(unescape(encodeURIComponent(decodeURIComponent(text))));
        pictures.append(make("pre", { "data-picture": `${figure.label}.${format}` }, base64));
      }
    }
    document.body.append(pictures);
  };

  // --- theme, sections -----------------------------------------------------------------------
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const setTheme = (theme) => { document.documentElement.dataset.theme = theme; figures.forEach((f) => f.redraw()); };
  const buildTools = () => {
    const button = make("button", { type: "button" }, "Dark or light");
    button.addEventListener("click", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
    byId("tools").append(button);
    if (doc.running) {
      const box = make("input", { type: "checkbox" });
      box.checked = location.hash === "#reload";
      box.addEventListener("change", () => { location.hash = box.checked ? "reload" : ""; });
      byId("tools").append(make("label", {}, box, " Reload every 30 s"));
      setInterval(() => { if (box.checked) location.reload(); }, 30000);
    }
    document.querySelectorAll("h2").forEach((h) => byId("sections").append(make("li", {}, make("a", { href: `#${h.id}` }, h.textContent))));
  };
  document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
  dark.addEventListener("change", () => setTheme(dark.matches ? "dark" : "light"));
  buildTools();
  buildFilters();
  buildTable();
  watch();
  apply();
  if (location.hash === "#figures") putPictures();
})();
