// What is drawn over time: which figures share a plot, and how each looks.

import uPlot from "./uplot/uPlot.esm.js";
import { element, fill, row, say } from "./elements.js";
import { amount, count, rate, seconds, share } from "./words.js";

// `least` is how far an axis reaches at least, so that nothing happening looks like nothing; `wide` is room for its words.
const PLOTS = [
  { title: "Sessions", series: [["sessions", "of clients"]], format: count, least: 4, wide: 40 },
  { title: "Messages a second", series: [["messages", "over links"]], format: amount, least: 4, wide: 40 },
  { title: "Media", series: [["python", "by Python"], ["kernel", "by the kernel"]], format: rate, least: 100_000, wide: 74 },
  { title: "Allocations", series: [["allocations", "of the relay"]], format: count, least: 4, wide: 40 },
  { title: "Pushes a second", series: [["accepted", "taken on"], ["delivered", "handed over"]], format: amount, least: 4, wide: 40 },
  { title: "Reactor", series: [["lateness", "late by at most"]], format: seconds, least: 0.01, wide: 56 },
];
const FORMATS = { "bits per second": rate, seconds, processors: share };
const WHOLE = Array.from({ length: 27 }, (_, place) => [1, 2, 5][place % 3] * 10 ** Math.floor(place / 3));
// Seconds from one mark of the time to the next: each is a minute or more, and an hour begins with one.
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720].map((minutes) => 60 * minutes);
const HEIGHT = 152;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const known = (values) => values.filter((value) => value !== null);

class Plot {
  constructor(parent, about, names) {
    this.about = about;
    this.names = names;
    this.values = names.map(() => element("b", { text: "–" }));
    const legend = names.map(([, label], place) => element("li", {}, element("i", { "aria-hidden": "true" }), label, this.values[place]));
    this.canvas = element("div", { class: "canvas", role: "img" });
    const caption = element("figcaption", {}, element("h3", { text: about.title }), element("ul", { class: "legend" }, ...legend));
    parent.append(element("figure", { class: "plot" }, caption, this.canvas));
    new ResizeObserver(() => this.chart?.setSize({ width: this.canvas.clientWidth, height: HEIGHT })).observe(this.canvas);
  }

  // Colours are a part of it: made anew when they change.
  make(span) {
    this.chart?.destroy();
    const axis = { stroke: colour("--muted"), font: "12px system-ui, sans-serif", grid: { stroke: colour("--grid"), width: 1 }, ticks: { show: false } };
    const lines = this.names.map(([, label], place) => ({
      label, width: 2, points: { show: false }, dash: place === 0 ? undefined : [6, 4],
      stroke: colour(place === 0 ? "--one" : "--two"), fill: colour(place === 0 ? "--one-fill" : "--two-fill"),
    }));
    this.chart = new uPlot({
      width: this.canvas.clientWidth, height: HEIGHT, padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: "traffic" }, drag: { x: false, y: false }, points: { size: 7 } },
      scales: {
        x: { range: (_, __, end) => [end - span.seconds, end] },
        y: { range: (_, __, most) => [0, Math.max(most * 1.12, this.about.least)] },
      },
      axes: [
        { ...axis, size: 26, space: 44, incrs: STEPS, values: (_, marks) => marks.map((mark) => hour.format(new Date(mark * 1000))) },
        { ...axis, size: this.about.wide, space: 40, gap: 8, incrs: this.about.format === count ? WHOLE : undefined, values: (_, marks) => marks.map((mark) => this.about.format(mark)) },
      ],
      series: [{}, ...lines],
      hooks: { setCursor: [() => this.tell()] },
    }, this.data ?? [[], ...this.names.map(() => [])], this.canvas);
  }

  show(times, series) {
    this.data = [times, ...this.names.map(([name]) => series[name].values)];
    this.chart.setData(this.data);
    this.tell();
  }

  // Beside the title: what is under the pointer, else the latest.
  tell() {
    if (!this.data) return;
    const at = this.chart?.cursor.idx;
    this.values.forEach((node, place) => {
      const values = this.data[place + 1];
      say(node, this.about.format(at === null || at === undefined ? values.at(-1) : values[at]));
    });
  }

  describe(words) {
    const told = this.names.map(([, label], place) => {
      const values = known(this.data[place + 1]);
      if (values.length === 0) return `${label} not known yet`;
      const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
      return `${label} now ${this.about.format(values.at(-1))}, between ${this.about.format(least)} and ${this.about.format(most)}`;
    });
    this.canvas.setAttribute("aria-label", `${this.about.title}, ${words}: ${told.join("; ")}`);
  }
}

export class Plots {
  constructor(parent, table) {
    this.parent = parent;
    this.table = table;
    this.plots = [];
  }

  // Begins a span anew; figures nobody counts have no plot.
  begin(span, series) {
    this.span = span;
    for (const plot of this.plots) plot.chart.destroy();
    this.parent.replaceChildren();
    this.plots = PLOTS.map((about) => [about, about.series.filter(([name]) => name in series)])
      .filter(([, names]) => names.length > 0)
      .map(([about, names]) => new Plot(this.parent, about, names));
    for (const plot of this.plots) plot.make(span);
  }

  repaint() {
    for (const plot of this.plots) plot.make(this.span);
    for (const plot of this.plots) plot.tell();
  }

  show(times, series) {
    for (const plot of this.plots) plot.show(times, series);
  }

  // The same in words and numbers, for whoever does not see it; now and then, as it is read aloud.
  describe(series) {
    for (const plot of this.plots) plot.describe(this.span.words);
    const classes = ["", "number", "number", "number", "number"];
    fill(this.table.tBodies[0], Object.entries(series), ([name]) => name, ([, each]) => {
      const format = FORMATS[each.unit] ?? amount;
      const values = known(each.values);
      const sum = values.reduce((a, b) => a + b, 0);
      const told = values.length ? [values.at(-1), values.reduce((a, b) => Math.min(a, b)), sum / values.length, values.reduce((a, b) => Math.max(a, b))] : [null, null, null, null];
      return row([each.text + (each.unit.includes("per second") && each.unit !== "bits per second" ? " a second" : ""), ...told.map(format)], classes);
    });
  }
}
