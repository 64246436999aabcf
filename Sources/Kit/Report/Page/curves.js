// Training curves: a line for each loss term or run, with a band from the lowest to the highest value of the steps behind each point.
"use strict";

(() => {
  const wish = document.getElementById("log-loss");

  // The index of the value in a sorted list that is nearest to `value`.
  function nearest(list, value) {
    let [low, high] = [0, list.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (list[middle] < value) low = middle; else high = middle;
    }
    return Math.abs(list[low] - value) <= Math.abs(list[high] - value) ? low : high;
  }

  function legend(figure, panel) {
    const list = figure.querySelector(".legend");
    if (panel.lines.length < 2) return;
    for (const line of panel.lines) {
      const item = draw.html("span", `key c${line.color % 8}`);
      item.append(draw.html("i", line.color >= 8 ? "dash" : ""), line.name);
      list.append(item);
    }
  }

  function chart(figure, panel) {
    const plot = figure.querySelector(".plot");
    const tip = draw.tip(plot);
    const steps = [...new Set(panel.lines.flatMap((line) => line.steps))].sort((a, b) => a - b);
    const isPositive = panel.lines.every((line) => line.least.every((value) => value > 0));
    let place = -1;

    function paint(width) {
      const isLog = panel.isLoss && isPositive && wish.checked;
      const height = Math.round(Math.max(190, Math.min(270, width * 0.6)));
      const values = panel.lines.flatMap((line) => [...line.least, ...line.largest]);
      if (panel.chance !== undefined) values.push(panel.chance);
      let [low, high] = [Math.min(...values), Math.max(...values)];
      if (!isLog) {
        if (low > 0 && low < 0.7 * high) low = 0;
        const air = (high - low || Math.abs(high) || 1) * 0.05;
        [low, high] = [low === 0 ? 0 : low - air, high + air];
      }
      const yTicks = isLog ? draw.logTicks(low, high) : draw.ticks(low, high, 5);
      const left = 16 + 7 * Math.max(...yTicks.map((tick) => draw.number(tick).length), 2);
      const box = { left, right: width - 14, top: 10, bottom: height - 42 };
      const [first, last] = [steps[0], steps[steps.length - 1]];
      const x = draw.scale(first, last === first ? first + 1 : last, box.left, box.right);
      const y = draw.scale(low, high, box.bottom, box.top, isLog);
      const xTicks = draw.ticks(first, last, Math.max(2, Math.floor(width / 90))).filter(Number.isInteger);
      const svg = draw.svg("svg", {
        width, height, viewBox: `0 0 ${width} ${height}`, tabindex: 0, role: "img",
        "aria-label": `${panel.title} over ${draw.number(last)} steps; the arrow keys read it step by step`,
      });
      draw.axes(svg, box, { ticks: xTicks, scale: x, title: "step" }, { ticks: yTicks, scale: y });
      if (panel.chance !== undefined) {
        const at = y(panel.chance);
        svg.append(draw.svg("line", { class: "chance", x1: box.left, x2: box.right, y1: at, y2: at }));
        svg.append(draw.svg("text", { class: "chance-name", x: box.right, y: at - 5, "text-anchor": "end" }, "chance"));
      }
      for (const line of panel.lines) {
        const at = (list) => line.steps.map((step, index) => `${x(step).toFixed(1)},${y(list[index]).toFixed(1)}`);
        const group = draw.svg("g", { class: `line c${line.color % 8}${line.color >= 8 ? " dash" : ""}` });
        if (line.least.some((value, index) => value !== line.largest[index])) {
          group.append(draw.svg("path", { class: "band", d: `M${at(line.largest).join("L")}L${at(line.least).reverse().join("L")}Z` }));
        }
        group.append(draw.svg("path", { class: "stroke", d: `M${at(line.means).join("L")}` }));
        if (line.steps.length < 2) group.append(draw.svg("circle", { cx: x(line.steps[0]), cy: y(line.means[0]), r: 3 }));
        svg.append(group);
      }
      const cursor = draw.svg("g", { class: "cursor" });
      svg.append(cursor);
      plot.querySelector("svg")?.remove();
      plot.prepend(svg);

      function read(at) {
        place = Math.max(0, Math.min(steps.length - 1, at));
        const step = steps[place];
        cursor.replaceChildren(draw.svg("line", { x1: x(step), x2: x(step), y1: box.top, y2: box.bottom }));
        const rows = [draw.html("b", "", `step ${draw.number(step)}`)];
        for (const line of panel.lines) {
          const index = nearest(line.steps, step);
          const dot = { class: `c${line.color % 8}`, cx: x(line.steps[index]), cy: y(line.means[index]), r: 4 };
          cursor.append(draw.svg("circle", dot));
          const [mean, least, largest] = [line.means[index], line.least[index], line.largest[index]].map(draw.number);
          const row = draw.html("span", `key c${line.color % 8}`);
          const spread = least === largest ? "" : ` (${least} to ${largest})`;
          row.append(draw.html("i"), `${panel.lines.length > 1 ? `${line.name} ` : ""}${mean}${spread}`);
          rows.push(row);
        }
        tip.show(x(step), box.top + 60, rows);
      }
      function leave() {
        cursor.replaceChildren();
        tip.hide();
      }
      svg.addEventListener("pointermove", (event) => {
        const pixel = event.clientX - svg.getBoundingClientRect().left;
        read(nearest(steps, first + ((pixel - box.left) / (box.right - box.left)) * (last - first)));
      });
      svg.addEventListener("pointerleave", leave);
      svg.addEventListener("blur", leave);
      svg.addEventListener("keydown", (event) => {
        const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -steps.length, End: steps.length };
        if (event.key === "Escape") leave();
        if (!(event.key in moves)) return;
        event.preventDefault();
        read((place < 0 ? steps.length - 1 : place) + (place < 0 ? 0 : moves[event.key]));
      });
    }
    legend(figure, panel);
    draw.fit(plot, paint);
    wish.addEventListener("change", () => { if (panel.isLoss) paint(Math.floor(plot.clientWidth)); });
  }

  for (const figure of document.querySelectorAll("figure[data-panel]")) chart(figure, data.panels[figure.dataset.panel]);
})();
