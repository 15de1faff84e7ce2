"use strict";
// Builds each plot from the page's document: {data, layout, numbers: {head, rows}}.
// Plotly reads a little HTML in texts, so every name goes through safe().
const HP = {};
HP.document = JSON.parse(document.getElementById("document").textContent);

HP.GROUPS = {
  under: ["under the budget", "circle"],
  over: ["over the budget", "diamond"],
  rejected: ["rejected, not trained", "x"],
  unmeasured: ["trained without measurement", "circle-open"],
  failed: ["failed", "triangle-down"],
  running: ["not finished", "square-open"], // also paused, waiting, and stopped early
  best: ["best", "star"],
};
if (!HP.document.columns.some((c) => c.bound !== null)) HP.GROUPS.under[0] = "finished";

HP.color = (name) => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
HP.safe = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
HP.number = (value) => {
  if (value === null || value === undefined) return "";
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
};
HP.column = (name) => HP.document.columns.find((c) => c.name === name);
HP.objective = HP.column(HP.document.objective);

HP.hover = (row) => {
  const lines = [`job ${row.job}, ${row.state}`];
  for (const c of HP.document.columns)
    if (c.name in row.values && (c.objective || c.bound !== null))
      lines.push(`${c.name} ${HP.number(row.values[c.name])} ${c.unit}`);
  for (const [name, value] of Object.entries(row.settings))
    lines.push(`${name} ${typeof value === "number" ? HP.number(value) : value}`);
  return lines.map(HP.safe).join("<br>");
};

HP.layout = (more) => {
  const axis = {
    gridcolor: HP.color("line"), zeroline: false, linecolor: HP.color("soft"), automargin: true,
    title: { standoff: 8 },
  };
  const base = {
    paper_bgcolor: HP.background || "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "closest",
    font: { color: HP.color("text"), family: "system-ui, sans-serif", size: 13 },
    margin: { l: 56, r: 14, t: 28, b: 88 }, height: 360, dragmode: "zoom",
    legend: { orientation: "h", yref: "container", y: 0, yanchor: "bottom", font: { size: 12 } },
  };
  for (const key of Object.keys(more)) if (/^[xy]axis/.test(key)) more[key] = { ...axis, ...more[key] };
  return { xaxis: { ...axis }, yaxis: { ...axis }, ...base, ...more };
};

// The lowest and the highest value; there may be more values than a function takes arguments.
HP.ends = (values) => {
  let low = Infinity, high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return [low, high];
};

// A logarithmic axis, with ticks at 1, 2, 5, 10, ..., where positive values span more than a
// factor of 20.
HP.scale = (values) => {
  const known = values.filter((v) => v !== undefined && v !== null);
  const [low, high] = HP.ends(known);
  return known.length && low > 0 && high > 20 * low
    ? "log" : "linear";
};
HP.axis = (values, most = 8) => {
  const type = HP.scale(values);
  if (type === "linear") return { type };
  const known = values.filter((v) => v !== undefined && v !== null);
  const [least, largest] = HP.ends(known), low = least / 2, high = largest * 2;
  for (const steps of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1)
      for (const step of steps) {
        const tick = Number((step * 10 ** power).toPrecision(3));
        if (tick >= low && tick <= high) ticks.push(tick);
      }
    if (ticks.length <= most || steps.length === 1)
      return { type, tickvals: ticks, ticktext: ticks.map(HP.short), minor: {} };
  }
  return { type };
};
HP.short = (value) => {
  if (value >= 1e6) return `${value / 1e6}M`;
  if (value >= 1e4) return `${value / 1e3}k`;
  return value < 1e-3 ? value.toExponential() : String(value);
};

// Ticks at whole numbers, for an axis of a few of them.
HP.whole = (values) => {
  const [low, high] = HP.ends(values), few = values.length > 0 && high - low <= 6;
  return few && values.every(Number.isInteger) ? { dtick: 1 } : {};
};

HP.PLOTS = {};

HP.PLOTS.cost = (name, rows) => {
  const cost = HP.column(name), objective = HP.objective, data = [];
  const costs = rows.map((r) => r.values[name]);
  if (cost.bound !== null && cost.bound <= 0) costs.push(cost.bound); // which no logarithmic axis has
  const both = (r) => name in r.values && objective.name in r.values;
  const front = cost.front.map((job) => rows.find((r) => r.job === job)).filter((r) => r && both(r));
  if (front.length > 1)
    data.push({
      x: front.map((r) => r.values[name]), y: front.map((r) => r.values[objective.name]),
      mode: "lines", name: "Pareto front", hoverinfo: "skip",
      line: { color: HP.color("front"), width: 1.5, dash: "dot", shape: "vh" },
    });
  let strip = false;
  for (const [group, [label, symbol]] of Object.entries(HP.GROUPS)) {
    for (const known of [true, false]) {
      const some = rows.filter((r) => r.group === group && name in r.values && both(r) === known);
      if (!some.length) continue;
      strip = strip || !known;
      const bars = (key) => ({
        type: "data", array: some.map((r) => r.errors[key] || 0), visible: some.length < 200,
        color: HP.color(group), thickness: 0.8, width: 0,
      });
      data.push({
        x: some.map((r) => r.values[name]),
        y: some.map((r) => (known ? r.values[objective.name] : 0)),
        yaxis: known ? "y" : "y2", mode: "markers", type: "scatter", legendgroup: group,
        name: label, showlegend: known || !rows.some((r) => r.group === group && both(r)),
        text: some.map(HP.hover), hoverinfo: "text", error_x: bars(name),
        error_y: known ? bars(objective.name) : undefined,
        marker: { color: HP.color(group), symbol, size: group === "best" ? 15 : rows.length > 200 ? 5 : 8 },
      });
    }
  }
  const shapes = [], annotations = [];
  if (cost.bound !== null) {
    shapes.push({
      type: "line", x0: cost.bound, x1: cost.bound, y0: 0, y1: 1, yref: "paper",
      line: { color: HP.color("best"), width: 2, dash: "dash" },
    });
    const log = HP.scale(costs) === "log";
    annotations.push({
      x: log ? Math.log10(cost.bound) : cost.bound, y: 1, yref: "paper", yanchor: "bottom",
      text: HP.safe(`budget: ${cost.condition}`), showarrow: false, font: { color: HP.color("best") },
    });
  }
  const layout = HP.layout({
    xaxis: { title: { text: HP.safe(cost.label) }, ...HP.axis(costs) },
    yaxis: {
      title: { text: HP.safe(objective.label) }, domain: [strip ? 0.16 : 0, 1],
      ...HP.axis(rows.map((r) => r.values[objective.name])),
    },
    shapes, annotations, height: 400,
  });
  if (strip)
    layout.yaxis2 = {
      domain: [0, 0.1], showgrid: false, zeroline: false, tickvals: [0], fixedrange: true,
      ticktext: ["no value"], range: [-1, 1], tickfont: { size: 11 },
    };
  layout.xaxis.anchor = strip ? "y2" : "y";
  return {
    data, layout,
    numbers: {
      head: ["job", cost.label, objective.label, "state"],
      rows: rows.filter((r) => name in r.values)
        .map((r) => [r.job, r.values[name], r.values[objective.name], r.state]),
    },
  };
};

HP.PLOTS.progress = (name) => {
  const p = HP.document.progress, time = name === "time";
  const x = time ? p.times : p.jobs.map((_, i) => i + 1);
  const label = p.jobs.map((job, i) => HP.safe(`job ${job}: ${HP.number(p.values[i])} ${HP.objective.unit}`));
  const front = p.label !== undefined, title = front ? p.label : HP.objective.label;
  return {
    data: [
      !front && {
        x, y: p.values, mode: "markers", name: "each job", text: label, hoverinfo: "text",
        marker: { color: HP.color("soft"), size: p.jobs.length > 200 ? 4 : 6 },
      },
      {
        x, y: p.best, mode: "lines", name: front ? "front under the budget" : "best under the budget", hoverinfo: "y",
        line: { color: HP.color("under"), width: 3, shape: "hv" },
      },
    ].filter(Boolean),
    layout: HP.layout({
      xaxis: { title: { text: time ? `time since the first start (${p.unit})` : "finished jobs" }, ...(time ? {} : HP.whole(x)) },
      yaxis: { title: { text: HP.safe(title) }, ...(front ? { range: [0, 103] } : HP.axis(p.values)) },
    }),
    numbers: {
      head: [time ? `time (${p.unit})` : "finished jobs", "job", ...(front ? [title] : [title, "best so far"])],
      rows: p.jobs.map((job, i) => [x[i], job, ...(front ? [] : [p.values[i]]), p.best[i]]),
    },
  };
};

HP.SHADES = ["#fde725", "#5ec962", "#21918c", "#3b528b", "#440154"];
HP.DARK_SHADES = ["#fde725", "#5ec962", "#2db4ad", "#6f8fd0", "#b98bd6"];

// One axis for each hyper-parameter and each metric of the search, side by side.
HP.PLOTS.parallel = (_name, rows, width) => {
  const metrics = HP.document.columns.filter((c) => c.objective || c.bound !== null);
  const axes = HP.document.hyperparameters
    .map((h) => ({ label: h.name, get: (r) => r.settings[h.name], options: h.number ? null : h.options }))
    .concat(metrics.reverse().map((c) => ({ label: c.label, get: (r) => r.values[c.name], options: null })));
  const all = HP.document.rows.filter((r) => HP.objective.name in r.values);
  const annotations = [], shapes = [];
  axes.forEach((axis, i) => {
    const note = (y, text, anchor) => annotations.push({
      x: i, y, text: HP.safe(text), showarrow: false, yanchor: anchor, font: { size: 11 },
      bgcolor: HP.color("panel"),
    });
    const known = all.map(axis.get).filter((v) => v !== undefined);
    if (axis.options) {
      axis.place = (v) => axis.options.length < 2 ? 0.5 : axis.options.indexOf(v) / (axis.options.length - 1);
      axis.options.slice(0, 12).forEach((o) => note(axis.place(o), o.length > 14 ? o.slice(0, 13) + "…" : o, "bottom"));
    } else if (known.length) {
      const log = HP.scale(known) === "log", f = log ? Math.log : (v) => v;
      const low = Math.min(...known), high = Math.max(...known);
      axis.place = (v) => (high > low ? (f(v) - f(low)) / (f(high) - f(low)) : 0.5);
      note(0, HP.number(low), "top");
      note(1, HP.number(high), "bottom");
    } else axis.place = () => null;
    shapes.push({ type: "line", x0: i, x1: i, y0: 0, y1: 1, line: { color: HP.color("soft"), width: 1 }, layer: "below" });
  });
  const order = all.slice().sort((a, b) => (a.values[HP.objective.name] - b.values[HP.objective.name]) * (HP.objective.maximised ? -1 : 1));
  const shown = new Set(rows), dark = document.documentElement.dataset.theme === "dark";
  const shades = (dark ? HP.DARK_SHADES : HP.SHADES).slice();
  if (!dark) shades[0] = "#b59d00";
  const data = shades.map((color, k) => {
    const trace = { x: [], y: [], text: [], mode: "lines+markers", hoverinfo: "text", opacity: all.length > 100 ? 0.45 : 1, line: { color, width: all.length > 100 ? 0.6 : 1.3 }, marker: { color, size: all.length > 100 ? 2 : 4 } };
    trace.name = ["best fifth", "second", "third", "fourth", "last fifth"][k];
    order.forEach((row, rank) => {
      if (Math.floor((5 * rank) / order.length) !== k || !shown.has(row)) return;
      axes.forEach((axis, i) => {
        const v = axis.get(row);
        trace.x.push(i);
        trace.y.push(v === undefined ? null : axis.place(v));
        trace.text.push(HP.hover(row));
      });
      trace.x.push(null); trace.y.push(null); trace.text.push("");
    });
    return trace;
  }).filter((t) => t.x.length).reverse();
  const layout = HP.layout({
    xaxis: {
      tickvals: axes.map((_, i) => i), ticktext: axes.map((a) => HP.safe(a.label)), showgrid: false,
      range: [-0.4, axes.length - 0.5], tickangle: -30, fixedrange: true, ticklabeloverflow: "allow",
    },
    yaxis: { visible: false, range: [-0.08, 1.1], fixedrange: true },
    annotations, shapes, height: 460, legend: { orientation: "h", y: 1.1, traceorder: "reversed" }, margin: { l: Math.max(40, 7 * axes[0].label.length - 20), r: 40, t: 40, b: 40 },
  });
  layout.width = Math.max(width, 70 * axes.length);
  return {
    data, layout,
    numbers: {
      head: ["job", ...axes.map((a) => a.label)],
      rows: order.filter((r) => shown.has(r)).map((r) => [r.job, ...axes.map((a) => a.get(r))]),
    },
  };
};

HP.model = (name) => HP.document.models.find((m) => m.name === name);

HP.PLOTS.importance = (name) => {
  const entries = HP.model(name).importance.slice().reverse();
  const bar = (which, color, label) => ({
    type: "bar", orientation: "h", name: label, y: entries.map((_, i) => i),
    x: entries.map((e) => e[which][1]), marker: { color: HP.color(color) },
    error_x: {
      type: "data", symmetric: false, color: HP.color("text"), thickness: 1.2, width: 3,
      array: entries.map((e) => e[which][2] - e[which][1]),
      arrayminus: entries.map((e) => e[which][1] - e[which][0]),
    },
    text: entries.map((e) => HP.safe(`${e.name}, ${label}: ${e[which].map((v) => Math.round(100 * v) + " %").join(" / ")}`)),
    textposition: "none", hoverinfo: "text",
  });
  return {
    data: [bar("first", "over", "first order"), bar("total", "under", "total")],
    layout: HP.layout({
      xaxis: { title: { text: "share of the variance" }, range: [0, 1.02], tickformat: ".0%" },
      yaxis: { tickvals: entries.map((_, i) => i), ticktext: entries.map((e) => HP.safe(e.name)) },
      margin: { l: 56, r: 14, t: 40, b: 46 }, height: 130 + 34 * entries.length, bargap: 0.25, barmode: "group",
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", traceorder: "reversed" },
    }),
    numbers: {
      head: ["hyper-parameter", "total", "from", "to", "first order", "from", "to"],
      rows: entries.slice().reverse().map((e) => [
        e.name, e.total[1], e.total[0], e.total[2], e.first[1], e.first[0], e.first[2]]),
    },
  };
};

HP.PLOTS.slices = (name, _rows, width) => {
  const slices = HP.model(name).slices, column = HP.column(name);
  const across = Math.max(1, Math.min(slices.length, Math.floor(width / 250)));
  const down = Math.ceil(slices.length / across), data = [], more = { annotations: [], showlegend: false };
  const sign = HP.objective.maximised ? -1 : 1, value = (r) => sign * r.values[HP.objective.name];
  const [best] = HP.document.rows.filter((r) => r.group === "best").sort((a, b) => value(a) - value(b));
  const every = slices.flatMap((s) => s.median.concat(s.low, s.high)).filter((v) => v !== null);
  const gapX = 0.1 / across, gapY = down > 1 ? 0.45 / down : 0;
  slices.forEach((s, i) => {
    const id = i ? String(i + 1) : "", col = i % across, line = Math.floor(i / across);
    const numbers = s.values.every((v) => typeof v === "number");
    const x = numbers ? s.values : s.values.map((_, k) => k);
    const common = { xaxis: "x" + id, yaxis: "y" + id, hoverinfo: "skip", mode: "lines" };
    const discrete = !numbers || s.values.length < 12;
    if (discrete)
      data.push({
        ...common, x, y: s.median, mode: numbers ? "lines+markers" : "markers", hoverinfo: "text",
        text: s.median.map((m, k) => HP.safe(`${s.name} ${s.values[k]}: ${HP.number(m)} ${column.unit}`)),
        marker: { color: HP.color("under"), size: 7 }, line: { color: HP.color("under"), width: 1 },
        error_y: {
          type: "data", symmetric: false, color: HP.color("under"), thickness: 1.2, width: 3,
          array: s.high.map((h, k) => h - s.median[k]), arrayminus: s.low.map((l, k) => s.median[k] - l),
        },
      });
    else
      data.push(
        { ...common, x, y: s.high, line: { width: 0 } },
        { ...common, x, y: s.low, line: { width: 0 }, fill: "tonexty", fillcolor: HP.color("band") },
        {
          ...common, x, y: s.median, line: { color: HP.color("under"), width: 2 }, hoverinfo: "text",
          text: s.median.map((m, k) => HP.safe(`${s.name} ${HP.number(s.values[k])}: ${HP.number(m)} ${column.unit}`)),
        });
    const own = best && best.settings[s.name];
    if (own !== undefined && own !== null) {
      const at = numbers ? own : s.values.map(String).indexOf(String(own));
      if (at >= 0 || numbers)
        (more.shapes = more.shapes || []).push({
          type: "line", x0: at, x1: at, xref: "x" + id, y0: 0, y1: 1, yref: `y${id} domain`,
          line: { color: HP.color("best"), width: 1.5, dash: "dot" },
        });
    }
    more["xaxis" + id] = {
      domain: [col / across + gapX * (col > 0 ? 1 : 0.4), (col + 1) / across - gapX * 0.4], anchor: "y" + id,
      title: { text: HP.safe(s.name), standoff: 4 }, nticks: 5, ...(numbers ? { ...HP.axis(s.values, 5), ...HP.whole(s.values) } : {}),
      ...(numbers ? {} : {
        tickvals: x, ticktext: s.values.map((v) => HP.safe(String(v).slice(0, 14))), range: [-0.5, x.length - 0.5] }),
    };
    const high = (1 - gapY * (down - 1)) / down, top = 1 - line * (high + gapY);
    more["yaxis" + id] = {
      domain: [Math.max(0, top - high), top], anchor: "x" + id, nticks: 4, ...HP.axis(every, 5),
      ...(i ? { matches: "y" } : {}), ...(col ? { showticklabels: false } : {}),
    };
    if (!col)
      more.annotations.push({
        xref: "paper", yref: "paper", x: 0, y: top, xanchor: "left", yanchor: "bottom", showarrow: false,
        text: HP.safe(column.label), font: { size: 12, color: HP.color("soft") },
      });
  });
  more.height = 60 + 190 * down;
  more.margin = { l: 50, r: 14, t: 28, b: 50 };
  return {
    data, layout: HP.layout(more),
    numbers: {
      head: ["hyper-parameter", "value", "expected " + column.label, "from", "to"],
      rows: slices.flatMap((s) => s.values.map((v, k) => [s.name, v, s.median[k], s.low[k], s.high[k]])),
    },
  };
};

HP.PLOTS.fit = (name) => {
  const f = HP.model(name).fit, column = HP.column(name);
  const every = f.measured.concat(f.predicted).filter((v) => v !== null);
  const ends = [Math.min(...every), Math.max(...every)];
  const type = HP.axis(every);
  return {
    data: [
      {
        x: ends, y: ends, mode: "lines", name: "perfect", hoverinfo: "skip",
        line: { color: HP.color("soft"), dash: "dot" },
      },
      {
        x: f.measured, y: f.predicted, mode: "markers", name: "jobs", hoverinfo: "text",
        text: f.jobs.map((job, i) => HP.safe(`job ${job}: measured ${HP.number(f.measured[i])}, predicted ${HP.number(f.predicted[i])} ${column.unit}`)),
        marker: { color: HP.color("under"), size: f.jobs.length > 200 ? 5 : 8 },
        error_y: {
          type: "data", symmetric: false, thickness: 0.8, width: 0, color: HP.color("under"),
          visible: f.jobs.length < 300,
          array: f.high.map((h, i) => h - f.predicted[i]), arrayminus: f.low.map((l, i) => f.predicted[i] - l),
        },
      },
    ],
    layout: HP.layout({
      showlegend: false, height: 400, margin: { l: 56, r: 14, t: 10, b: 46 },
      xaxis: { title: { text: HP.safe(`measured ${column.label}`) }, ...type },
      yaxis: { title: { text: HP.safe(`predicted ${column.label}`) }, ...type },
    }),
    numbers: {
      head: ["job", "measured", "predicted", "from", "to"],
      rows: f.jobs.map((job, i) => [job, f.measured[i], f.predicted[i], f.low[i], f.high[i]]),
    },
  };
};

HP.PLOTS.curves = (_name, rows) => {
  const c = HP.document.curves, byJob = new Map(rows.map((r) => [r.job, r]));
  const others = { x: [], y: [], text: [] }, best = { x: [], y: [], text: [] };
  c.jobs.forEach((job, i) => {
    const row = byJob.get(job);
    if (!row) return;
    const trace = row.group === "best" ? best : others;
    c.values[i].forEach((v, epoch) => {
      trace.x.push(epoch + 1); trace.y.push(v);
      trace.text.push(`job ${job}, epoch ${epoch + 1}: ${HP.number(v)}`);
    });
    trace.x.push(null); trace.y.push(null); trace.text.push("");
  });
  return {
    data: [
      { ...others, mode: "lines+markers", name: "networks", hoverinfo: "text", opacity: 0.6, line: { color: HP.color("under"), width: 1 }, marker: { size: 3 } },
      { ...best, mode: "lines+markers", name: "best", hoverinfo: "text", line: { color: HP.color("best"), width: 3 }, marker: { size: 5 } },
    ],
    layout: HP.layout({
      xaxis: { title: { text: "epoch" }, ...HP.whole([...others.x, ...best.x].filter((x) => x !== null)) },
      yaxis: { title: { text: HP.safe(c.name + (c.unit ? ` (${c.unit})` : "")) }, ...HP.axis(c.values.flat()) },
    }),
    numbers: {
      head: ["job", "values after each epoch"],
      rows: c.jobs.map((job, i) => [job, c.values[i].map(HP.number).join(", ")]),
    },
  };
};
