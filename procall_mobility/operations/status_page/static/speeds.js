// How fast counts grow, from one document to the next.

export class Speeds {
  #seen = new Map();

  // `at` is a clock that nobody sets, as the daemon's uptime; null is what is not known yet.
  look(key, total, at) {
    const before = this.#seen.get(key);
    if (before?.at === at) return before.speed;
    const goesOn = before && at > before.at && total >= before.total;
    const speed = goesOn ? (total - before.total) / (at - before.at) : null;
    this.#seen.set(key, { total, at, speed });
    return speed;
  }

  keep(keys) {
    for (const key of this.#seen.keys()) if (!keys.has(key)) this.#seen.delete(key);
  }
}
