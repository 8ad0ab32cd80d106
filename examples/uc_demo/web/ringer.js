// Rings: two soft tones, made on the spot.

const PATTERNS = {
  ring: { tones: [587, 784], lasts: 0.35, every: 2200, volume: 0.12 },
  ringback: { tones: [425], lasts: 1, every: 4000, volume: 0.05 },
};

export class Ringer {
  #context = null;
  #timer;
  #playing;

  play(name) {
    if (name === this.#playing) return;
    this.#playing = name;
    clearInterval(this.#timer);
    if (!name) return;
    this.#sound(PATTERNS[name]);
    this.#timer = setInterval(() => this.#sound(PATTERNS[name]), PATTERNS[name].every);
  }

  #sound({ tones, lasts, volume }) {
    this.#context ??= new AudioContext();
    tones.forEach((pitch, place) => {
      const starts = this.#context.currentTime + place * lasts;
      const tone = new OscillatorNode(this.#context, { frequency: pitch });
      const loudness = new GainNode(this.#context, { gain: 0 });
      loudness.gain.setTargetAtTime(volume, starts, 0.02);
      loudness.gain.setTargetAtTime(0, starts + lasts * 0.7, 0.06);
      tone.connect(loudness).connect(this.#context.destination);
      tone.start(starts);
      tone.stop(starts + lasts + 0.4);
    });
  }
}
