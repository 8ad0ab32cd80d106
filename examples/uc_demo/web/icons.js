// Line icons on a grid of 24.

const ICONS = {
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 4.500v5M8 14.500v5",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  send: "M5 12 20 4.500 15.500 20l-3.700-6.300L5 12Zm6.800 1.700L20 4.500",
  phone: "M6.500 3.500h3l1.500 4-2 1.500a11 11 0 0 0 5 5l1.500-2 4 1.500v3a2 2 0 0 1-2.200 2A16 16 0 0 1 4.500 5.700a2 2 0 0 1 2-2.200Z",
  video: "M4.500 6.500h9a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2Zm11 4.500 6-3.500v9l-6-3.500",
  "video-off": "M3 3l18 18M10 6.500h3.500a2 2 0 0 1 2 2V11l6-3.500v9l-2.500-1.500M15.500 15.500a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2",
  mic: "M12 3.500a2.800 2.800 0 0 1 2.800 2.800v5.400a2.800 2.800 0 0 1-5.600 0V6.300A2.800 2.800 0 0 1 12 3.500ZM5.500 11.500a6.500 6.500 0 0 0 13 0M12 18v3",
  "mic-off": "M3 3l18 18M9.200 9.200v2.500a2.800 2.800 0 0 0 4.500 2.200M14.800 10V6.300a2.800 2.800 0 0 0-5.400-1M5.500 11.500a6.500 6.500 0 0 0 10.500 5.100M18.500 11.500a6.500 6.500 0 0 1-.600 2.700M12 18v3",
  hangup: "M3 14.500c5-5 13-5 18 0l-2.500 2.800-3.500-1.500v-2.300a10 10 0 0 0-6 0v2.300L5.500 17.300 3 14.500Z",
  pulse: "M3 12h4l2.500-6 4 12 2.500-6h5",
  check: "M5 12.500l4.500 4.500L19 7.500",
  "check-twice": "M2.500 12.500 7 17l9.500-9.500M12 16l1 1 9-9.500",
  clock: "M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17ZM12 7.500V12l3 2",
  alert: "M12 4 2.800 20h18.400L12 4Zm0 6v4.500M12 17.200v.100",
};

const SVG = "http://www.w3.org/2000/svg";

export function drawing(viewBox, ...shapes) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("aria-hidden", "true");
  for (const attributes of shapes) {
    const path = document.createElementNS(SVG, "path");
    for (const [name, value] of Object.entries(attributes)) path.setAttribute(name, value);
    svg.append(path);
  }
  return svg;
}

export function icon(name) {
  const svg = drawing("0 0 24 24", { d: ICONS[name] });
  svg.setAttribute("class", "line-icon");
  return svg;
}
