// The page's program, given what daemons tell whose clocks are set: no browser is needed for that.

import assert from "node:assert/strict";

const [, , folder] = process.argv;
const { Past } = await import(`${folder}/past.mjs`);
const { Speeds } = await import(`${folder}/speeds.mjs`);

const drawn = { begin() {}, describe() {}, show(times, series) { this.times = [...times]; this.values = [...series.links.values]; } };
const telling = (from, values) => ({ times: values.map((_, place) => from + place), series: { links: values } });
const whole = (from, values) => ({ times: values.map((_, place) => from + place), series: { links: { values: [...values] } } });

const tests = {
  "samples that follow are added"() {
    const past = new Past(drawn);
    past.take(telling(1000, [1, 2]), whole(1000, [1, 2]));
    assert.equal(past.lacks(telling(1000.1, [1, 2, 3])), null);
    past.take(telling(1000.1, [1, 2, 3]), null);
    assert.deepEqual(drawn.values, [1, 2, 3]);
  },
  "after a gap all is read again"() {
    const past = new Past(drawn);
    past.take(telling(1000, [1, 2]), whole(1000, [1, 2]));
    assert.equal(past.lacks(telling(1010, [8, 9])), "history/5min.json");
  },
  "a clock that is set back does not stop the plots"() {
    const past = new Past(drawn);
    past.take(telling(5000, [1, 2]), whole(5000, [1, 2]));
    assert.equal(past.lacks(telling(1400, [2, 3])), "history/5min.json");
    past.take(telling(1400, [2, 3]), whole(1399, [1, 2, 3]));
    assert.deepEqual(drawn.times, [1399, 1400, 1401]);
    assert.equal(past.lacks(telling(1400, [2, 3, 4])), null);
  },
  "a speed is what was counted since the last time"() {
    const speeds = new Speeds();
    assert.equal(speeds.look("acme", 100, 10), null);
    assert.equal(speeds.look("acme", 140, 12), 20);
    assert.equal(speeds.look("acme", 140, 12), 20);
    assert.equal(speeds.look("other", 7, 12), null);
  },
  "a daemon that was started anew, or a count, gives no speed"() {
    const speeds = new Speeds();
    speeds.look("acme", 100, 5000);
    assert.equal(speeds.look("acme", 140, 3), null);
    assert.equal(speeds.look("acme", 150, 4), 10);
    assert.equal(speeds.look("acme", 2, 5), null);
  },
  "of what is gone nothing is kept"() {
    const speeds = new Speeds();
    speeds.look("acme", 100, 1);
    speeds.keep(new Set(["other"]));
    assert.equal(speeds.look("acme", 140, 2), null);
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    test();
    console.log(`ok ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok ${name}: ${error.message}`);
  }
}
process.exitCode = failed ? 1 : 0;
