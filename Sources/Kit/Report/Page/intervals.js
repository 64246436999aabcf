// Results as dots with their 95 % intervals, one chart for each task.
"use strict";

(() => {
  const parent = document.getElementById("intervals");
  if (!parent) return;

  for (const task of data.results) {
    const figure = draw.html("figure", "chart intervals");
    const title = draw.html("figcaption");
    title.append(draw.html("b", "", task.title));
    const plot = draw.html("div", "plot");
    figure.append(title, plot);
    parent.append(figure);

    draw.fit(plot, (width) => {
      const row = 26;
      const height = 20 + row * task.rows.length + 42;
      const values = task.rows.flatMap((one) => [one.mean, one.low ?? one.mean, one.high ?? one.mean]);
      if (task.chance !== undefined) values.push(task.chance);
      const [least, most] = [Math.min(...values), Math.max(...values)];
      const air = (most - least || Math.abs(most) || 1) * 0.06;
      const letters = Math.floor(Math.min(22, (width * 0.44 - 14) / 7));
      const names = task.rows.map((one) => (one.name.length > letters ? `${one.name.slice(0, letters - 1)}…` : one.name));
      const left = 14 + 7 * Math.max(...names.map((name) => name.length));
      const box = { left, right: width - 16, top: 20, bottom: height - 42 };
      const x = draw.scale(least - air, most + air, box.left, box.right);
      const summary = task.rows.map((one) => `${one.name} ${draw.number(one.mean)}`).join(", ");
      const svg = draw.svg("svg", {
        width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${task.title}, ${task.unit}: ${summary}`,
      });
      const ticks = draw.ticks(least - air, most + air, Math.max(2, Math.floor((box.right - box.left) / 48)));
      for (const tick of ticks) {
        svg.append(draw.svg("line", { class: "grid", x1: x(tick), x2: x(tick), y1: box.top, y2: box.bottom }));
      }
      draw.axes(svg, box, { ticks, scale: x, title: task.unit }, { ticks: [] });
      if (task.chance !== undefined) {
        const at = x(task.chance);
        svg.append(draw.svg("line", { class: "chance", x1: at, x2: at, y1: box.top, y2: box.bottom }));
        svg.append(draw.svg("text", { class: "chance-name", x: at, y: box.top - 6, "text-anchor": "middle" }, "chance"));
      }
      task.rows.forEach((one, index) => {
        const y = box.top + row * (index + 0.5);
        const group = draw.svg("g", { class: one.isBaseline ? "result baseline" : "result c0" });
        group.append(draw.svg("title", {}, `${one.name}: ${draw.number(one.mean)}`));
        group.append(draw.svg("text", { x: box.left - 10, y, dy: "0.32em", "text-anchor": "end" }, names[index]));
        if (one.low !== undefined && one.high !== undefined) {
          group.append(draw.svg("line", { x1: x(one.low), x2: x(one.high), y1: y, y2: y }));
        }
        group.append(draw.svg("circle", { cx: x(one.mean), cy: y, r: 4.5 }));
        svg.append(group);
      });
      plot.replaceChildren(svg);
    });
  }
})();
