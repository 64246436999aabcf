// Code shared by all charts: the page's data, SVG elements, axes and the box that follows the pointer.
// Charts are drawn at their size on screen. Colours are classes, so that light and dark need no new drawing.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);

const draw = {
  // An SVG element. Text is only inserted as text, never as markup.
  svg(name, attributes = {}, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  },

  html(name, className, text) {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  },

  // "12,000", "0.00123", "3.2e-7".
  number(value) {
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size >= 1e7 || size < 1e-4) return value.toExponential(2).replace(/\.?0+e/, "e");
    return size >= 1000 ? Math.round(value).toLocaleString("en") : String(+value.toPrecision(4));
  },

  // Round numbers within a range, about `count` of them.
  ticks(low, high, count) {
    const span = high - low || Math.abs(high) || 1;
    const power = 10 ** Math.floor(Math.log10(span / count));
    const step = power * [1, 2, 5, 10].find((factor) => power * factor >= span / count);
    const ticks = [];
    for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; n++) ticks.push(+(n * step).toPrecision(12));
    return ticks;
  },

  // Round numbers on a logarithmic axis.
  logTicks(low, high) {
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high) + 1; power++) {
      for (const factor of [1, 2, 5]) ticks.push(factor * 10 ** power);
    }
    const inside = ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
    const tens = inside.filter((tick) => Math.log10(tick) % 1 === 0);
    return inside.length > 8 && tens.length > 1 ? tens : inside;
  },

  // From values to pixels.
  scale(low, high, from, to, isLog = false) {
    const f = isLog ? Math.log : (value) => value;
    const span = f(high) - f(low) || 1;
    return (value) => from + ((f(value) - f(low)) / span) * (to - from);
  },

  // Calls `paint(width)` now and whenever the width of `element` changes.
  fit(element, paint) {
    let width = 0;
    const check = () => {
      const now = Math.floor(element.clientWidth);
      if (now > 0 && now !== width) paint((width = now));
    };
    new ResizeObserver(check).observe(element);
    check();
  },

  // Axes with their grid. `x` and `y` have ticks, scale and title; `box` is the area of the plot.
  axes(svg, box, x, y) {
    const group = draw.svg("g", { class: "axes" });
    for (const tick of y.ticks) {
      const at = y.scale(tick);
      group.append(draw.svg("line", { class: "grid", x1: box.left, x2: box.right, y1: at, y2: at }));
      group.append(draw.svg("text", { x: box.left - 8, y: at, dy: "0.32em", "text-anchor": "end" }, draw.number(tick)));
    }
    group.append(draw.svg("line", { class: "base", x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom }));
    for (const tick of x.ticks) {
      const at = x.scale(tick);
      group.append(draw.svg("line", { class: "base", x1: at, x2: at, y1: box.bottom, y2: box.bottom + 4 }));
      // The last number must not be cut off by the edge.
      const name = draw.number(tick);
      const room = box.right + 12 - 3.6 * name.length;
      group.append(draw.svg("text", { x: Math.min(at, room), y: box.bottom + 18, "text-anchor": "middle" }, name));
    }
    const middle = (box.left + box.right) / 2;
    group.append(draw.svg("text", { class: "title", x: middle, y: box.bottom + 34, "text-anchor": "middle" }, x.title));
    svg.append(group);
  },

  // A box in `parent` that shows text near a point, also to screen readers.
  tip(parent) {
    const box = draw.html("div", "tip");
    box.setAttribute("role", "status");
    box.hidden = true;
    parent.append(box);
    return {
      box,
      show(x, y, content) {
        box.replaceChildren(...content);
        box.hidden = false;
        const room = parent.clientWidth - box.offsetWidth;
        const side = x + 14 > room ? x - box.offsetWidth - 14 : x + 14;
        box.style.left = `${Math.max(0, Math.min(room, side))}px`;
        box.style.top = `${Math.max(0, y - box.offsetHeight - 10)}px`;
      },
      hide() { box.hidden = true; },
    };
  },
};
