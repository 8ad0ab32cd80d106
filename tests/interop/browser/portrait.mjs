// A camera picture for the documentation: somebody in front of a window, nodding slightly; YUV4MPEG2, 4:2:0.

import { writeFileSync } from "node:fs";

const WIDTH = 640;
const HEIGHT = 360;
const FRAMES = 20;

const smooth = (edge, width, value) => Math.min(1, Math.max(0, (edge - value) / width + 0.5));
const mix = (one, other, share) => one.map((value, place) => value + (other[place] - value) * share);

function colour(x, y, sway) {
  const light = Math.exp(-((x - 0.3) ** 2 + (y - 0.25) ** 2) * 5);
  let seen = mix([38, 52, 86], [226, 196, 158], light * 0.8);
  const frame = smooth(0.012, 0.01, Math.min(Math.abs(x - 0.31), Math.abs(y - 0.62)));
  seen = mix(seen, [24, 32, 54], frame * 0.35);
  const at = x - 0.5 - sway;
  const body = smooth(1, 0.05, Math.hypot((at + sway / 2) / 0.27, (y - 1.1) / 0.36));
  seen = mix(seen, mix([52, 86, 178], [32, 54, 120], y), body);
  const neck = smooth(1, 0.1, Math.hypot(at / 0.045, (y - 0.72) / 0.12));
  seen = mix(seen, [190, 136, 108], neck);
  const hair = smooth(1, 0.06, Math.hypot(at / 0.094, (y - 0.45) / 0.2));
  seen = mix(seen, [58, 38, 34], hair * smooth(0.6, 0.06, y));
  const head = smooth(1, 0.05, Math.hypot(at / 0.08, (y - 0.54) / 0.17));
  return mix(seen, mix([226, 174, 142], [186, 132, 104], (at + 0.08) * 5), head);
}

function frame(number) {
  const sway = Math.sin((number / FRAMES) * 2 * Math.PI) * 0.012;
  const luma = Buffer.alloc(WIDTH * HEIGHT);
  const blue = Buffer.alloc((WIDTH * HEIGHT) / 4);
  const red = Buffer.alloc((WIDTH * HEIGHT) / 4);
  for (let row = 0; row < HEIGHT; row += 1) {
    for (let column = 0; column < WIDTH; column += 1) {
      const [r, g, b] = colour(column / WIDTH, row / HEIGHT, sway);
      luma[row * WIDTH + column] = 16 + 0.257 * r + 0.504 * g + 0.098 * b;
      if (row % 2 || column % 2) continue;
      const place = (row / 2) * (WIDTH / 2) + column / 2;
      blue[place] = 128 - 0.148 * r - 0.291 * g + 0.439 * b;
      red[place] = 128 + 0.439 * r - 0.368 * g - 0.071 * b;
    }
  }
  return Buffer.concat([Buffer.from("FRAME\n"), luma, blue, red]);
}

export function paintPortrait(file) {
  const frames = Array.from({ length: FRAMES }, (_, number) => frame(number));
  writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`), ...frames]));
}
