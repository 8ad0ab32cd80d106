// The past of the figures: all of a span once, then what comes, sample by sample.

export const SPANS = {
  "5min": { name: "5min", seconds: 300, period: 1, words: "the last 5 minutes" },
  "1h": { name: "1h", seconds: 3600, period: 10, words: "the last hour" },
  "24h": { name: "24h", seconds: 86_400, period: 60, words: "the last 24 hours" },
};
const DESCRIBE_EVERY = 10_000;

export class Past {
  constructor(plots) {
    this.plots = plots;
    this.choose("5min");
  }

  choose(name) {
    this.span = SPANS[name];
    this.forget();
  }

  forget() {
    this.loaded = null;
    this.described = null;
  }

  // Where all of it is to be read, where what the daemon told of the last seconds is not enough.
  lacks(samples) {
    return this.loaded === null || performance.now() > this.due || !this.#continues(samples) ? `history/${this.span.name}.json` : null;
  }

  // Takes in the whole, where it was read, or else the last seconds; then draws it.
  take(samples, whole) {
    const isNew = this.loaded === null;
    if (whole) {
      this.loaded = whole;
      // The finest goes on by itself; of the others a step comes every so often.
      this.due = performance.now() + (this.span.period === 1 ? Infinity : this.span.period * 1000);
    } else if (this.span.period === 1) {
      this.#append(samples);
    } else {
      return;
    }
    const { times, series } = this.loaded;
    if (isNew) this.plots.begin(this.span, series);
    this.plots.show(times, series);
    if (this.described === null || performance.now() > this.described + DESCRIBE_EVERY) {
      this.described = performance.now();
      this.plots.describe(series);
    }
  }

  #continues(samples) {
    if (this.span.period !== 1) return true;
    const last = this.loaded.times.at(-1);
    const [first, latest] = [samples.times[0], samples.times.at(-1)];
    // The daemon's clock may have been set: forth, which looks like a gap, or back.
    return last !== undefined && first <= last + 2 && latest >= last - 1;
  }

  #append(samples) {
    // Times are the daemon's, a tenth of a second apart from one telling to the next.
    const last = this.loaded.times.at(-1) + 0.5;
    samples.times.forEach((at, place) => {
      if (at <= last) return;
      this.loaded.times.push(at);
      for (const [name, each] of Object.entries(this.loaded.series)) each.values.push(samples.series[name][place]);
    });
    const surplus = this.loaded.times.length - this.span.seconds;
    if (surplus <= 0) return;
    this.loaded.times.splice(0, surplus);
    for (const each of Object.values(this.loaded.series)) each.values.splice(0, surplus);
  }
}
