// The past of the figures: all of a span once, then what comes, sample by sample.

import { read } from "./contact.js";

export const SPANS = {
  "5min": { name: "5min", seconds: 300, period: 1, words: "the last 5 minutes" },
  "1h": { name: "1h", seconds: 3600, period: 10, words: "the last hour" },
  "24h": { name: "24h", seconds: 86_400, period: 60, words: "the last 24 hours" },
};

export class Past {
  constructor(plots) {
    this.plots = plots;
    this.span = SPANS["5min"];
    this.loaded = null;
    this.due = 0;
  }

  choose(name) {
    this.span = SPANS[name];
    this.loaded = null;
  }

  // Takes in what the daemon told of the last seconds; reads the whole where that is not enough.
  async follow(samples) {
    const span = this.span;
    const isNew = this.loaded === null;
    if (isNew || performance.now() > this.due || !this.#continues(samples)) {
      const told = await read(`history/${span.name}.json`);
      if (span !== this.span) return; // Another one was chosen meanwhile.
      this.loaded = told;
      // The finest goes on by itself; of the others a step comes every so often.
      this.due = performance.now() + (span.period === 1 ? Infinity : span.period * 1000);
    } else if (span.period === 1) {
      this.#append(samples);
    } else {
      return;
    }
    if (isNew) this.plots.begin(span, this.loaded.series);
    this.plots.show(this.loaded.times, this.loaded.series);
    if (isNew || !this.described || performance.now() > this.described + 10_000) {
      this.described = performance.now();
      this.plots.describe(this.loaded.series);
    }
  }

  #continues(samples) {
    if (this.span.period !== 1) return true;
    const last = this.loaded.times.at(-1);
    return last !== undefined && samples.times.length > 0 && samples.times[0] <= last + 2;
  }

  #append(samples) {
    // Times are the daemon's, a tenth of a second apart from one telling to the next.
    const last = this.loaded.times.at(-1) + 0.5;
    const fresh = samples.times.map((at, place) => [at, place]).filter(([at]) => at > last);
    for (const [at, place] of fresh) {
      this.loaded.times.push(at);
      for (const [name, each] of Object.entries(this.loaded.series)) each.values.push(samples.series[name][place]);
    }
    const surplus = this.loaded.times.length - this.span.seconds;
    if (surplus <= 0) return;
    this.loaded.times.splice(0, surplus);
    for (const each of Object.values(this.loaded.series)) each.values.splice(0, surplus);
  }
}
