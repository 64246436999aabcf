// Maps of features: a mark for each clip, or for each clip and language, coloured by a label.
"use strict";

(() => {
  const controls = document.getElementById("map-controls");
  if (!controls) return;
  const [encoder, method, label] = ["encoder", "method", "label"].map((name) => document.getElementById(`map-${name}`));
  const legend = document.getElementById("map-legend");
  const shapes = ["M-4.5,0a4.5,4.5 0 1,0 9,0a4.5,4.5 0 1,0 -9,0", "M-4,-4h8v8h-8Z", "M0,-5.2L5,4.2H-5Z", "M0,-5.6L5.6,0L0,5.6L-5.6,0Z"];
  const ramp = [[68, 45, 132], [52, 98, 164], [38, 146, 142], [110, 190, 92], [240, 226, 76]];
  const figures = [...document.querySelectorAll("figure[data-map]")];
  let chosen = null;

  // The value of the chosen label at a point; undefined where the clip has none.
  function valueAt(map, point) {
    return label.value === "language" ? map.languages[point] ?? undefined : data.clips[map.clips[point]].labels[label.value];
  }

  // Colours for values: marks for kinds, the most frequent first, or a ramp for numbers.
  function coding(maps) {
    const counts = new Map();
    for (const map of maps) {
      map.clips.forEach((_, point) => {
        const value = valueAt(map, point);
        if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
      });
    }
    const numbers = [...counts.keys()].map(Number);
    if (counts.size > 8 && numbers.every(Number.isFinite)) {
      const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
      return { range: [low, high], color: (value) => shade((Number(value) - low) / (high - low || 1)) };
    }
    const order = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0], "en", { numeric: true }));
    const kinds = order.slice(0, 8 * shapes.length).map(([name]) => name).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    return { kinds, counts, place: new Map(kinds.map((name, index) => [name, index])) };
  }

  function shade(share) {
    const at = Math.max(0, Math.min(1, share)) * (ramp.length - 1);
    const index = Math.min(Math.floor(at), ramp.length - 2);
    const mix = ramp[index].map((value, part) => Math.round(value + (ramp[index + 1][part] - value) * (at - index)));
    return `rgb(${mix.join(",")})`;
  }

  function showLegend(code) {
    legend.replaceChildren();
    if (code.range) {
      const bar = draw.html("span", "ramp");
      bar.style.background = `linear-gradient(to right, ${ramp.map((stop) => `rgb(${stop.join(",")})`).join(", ")})`;
      legend.append(draw.html("span", "unit", draw.number(code.range[0])), bar, draw.html("span", "unit", draw.number(code.range[1])));
      return;
    }
    code.kinds.forEach((name, index) => {
      const button = draw.html("button", `key c${index % 8}`);
      button.type = "button";
      button.setAttribute("aria-pressed", chosen === name);
      const mark = draw.svg("svg", { width: 14, height: 14, viewBox: "-7 -7 14 14", "aria-hidden": true });
      mark.append(draw.svg("path", { d: shapes[Math.floor(index / 8)] }));
      button.append(mark, `${name} `, draw.html("span", "unit", code.counts.get(name)));
      button.addEventListener("click", () => {
        chosen = chosen === name ? null : name;
        paint();
        legend.children[index].focus();
      });
      legend.append(button);
    });
    const others = code.counts.size - code.kinds.length;
    if (others > 0) legend.append(draw.html("span", "key other", `${others} more kinds, in grey`));
  }

  // The clip under the pointer or the arrow keys, highlighted in all maps, with lines to its other languages.
  const painted = [];
  function point(origin, index) {
    for (const one of painted) one.mark(origin, index);
  }

  function chart(figure, map) {
    const plot = figure.querySelector(".plot");
    const tip = draw.tip(plot);
    let width = 0;
    let place = -1;
    let marks = [];
    let [xs, ys] = [[], []];
    let ties;

    function describe(index) {
      const clip = data.clips[map.clips[index]];
      const rows = [];
      if (clip.thumbnail) {
        const picture = draw.html("img");
        [picture.src, picture.alt] = [clip.thumbnail, ""];
        rows.push(picture);
      }
      rows.push(draw.html("b", "", map.languages[index] ? `${clip.name} in ${map.languages[index]}` : clip.name));
      for (const name of data.labels) {
        if (clip.labels[name] !== undefined) rows.push(draw.html("span", "", `${name}: ${clip.labels[name]}`));
      }
      return rows;
    }

    const own = {
      figure,
      mark(origin, index) {
        ties?.replaceChildren();
        for (const mark of marks) mark.classList.remove("at", "kin");
        if (index < 0 || !marks.length || figure.hidden) return tip.hide();
        const clip = origin.clips[index];
        const here = map === origin ? index : map.clips.findIndex((c, i) => c === clip && map.languages[i] === origin.languages[index]);
        map.clips.forEach((other, i) => {
          if (other !== clip) return;
          marks[i].classList.add(i === here ? "at" : "kin");
          if (here >= 0 && i !== here) ties.append(draw.svg("line", { x1: xs[here], y1: ys[here], x2: xs[i], y2: ys[i] }));
        });
        if (map === origin) tip.show(xs[index], ys[index], describe(index)); else tip.hide();
      },
      paint(code) {
        width = Math.floor(plot.clientWidth);
        if (!width) return;
        const plane = map.planes.find((one) => one.method === method.value) ?? map.planes[0];
        figure.querySelector(".note").textContent =
          plane.method === method.value ? plane.note : `${plane.note} (There are too few clips for t-SNE.)`;
        const height = Math.round(Math.min(width * 0.85, 540));
        const box = { left: 26, right: width - 12, top: 12, bottom: height - 28 };
        const spans = [plane.x, plane.y].map((list) => [Math.min(...list), Math.max(...list)]);
        // Both axes have the same scale, so that distances can be compared.
        const unit = Math.min(...[[spans[0], box.right - box.left - 16], [spans[1], box.bottom - box.top - 16]]
          .map(([[low, high], room]) => room / (high - low || 1)));
        const centre = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
        const middle = spans.map(([low, high]) => (low + high) / 2);
        xs = plane.x.map((value) => centre[0] + (value - middle[0]) * unit);
        ys = plane.y.map((value) => centre[1] - (value - middle[1]) * unit);
        const svg = draw.svg("svg", {
          width, height, viewBox: `0 0 ${width} ${height}`, tabindex: 0, role: "application",
          "aria-label": `Map of ${xs.length} points, ${plane.method === "pca" ? "principal components" : "t-SNE"}; move with the arrow keys`,
        });
        svg.append(draw.svg("rect", { class: "frame", x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top, rx: 4 }));
        svg.append(draw.svg("text", { class: "title", x: centre[0], y: height - 9, "text-anchor": "middle" }, plane.xTitle));
        svg.append(draw.svg("text", { class: "title", transform: `translate(14 ${centre[1]}) rotate(-90)`, "text-anchor": "middle" }, plane.yTitle));
        ties = draw.svg("g", { class: "ties" });
        svg.append(ties);
        marks = xs.map((x, index) => {
          const value = valueAt(map, index);
          const kind = code.place?.get(value);
          const mark = draw.svg("path", { transform: `translate(${x.toFixed(1)} ${ys[index].toFixed(1)})`, d: shapes[kind === undefined ? 0 : Math.floor(kind / 8)] });
          mark.setAttribute("class", `point ${kind === undefined ? "other" : `c${kind % 8}`}${chosen !== null && value !== chosen ? " dim" : ""}`);
          if (code.color && value !== undefined) mark.style.fill = code.color(value);
          svg.append(mark);
          return mark;
        });
        plot.querySelector("svg")?.remove();
        plot.prepend(svg);
        listen(svg);
      },
    };

    function listen(svg) {
      svg.addEventListener("pointermove", (event) => {
        const frame = svg.getBoundingClientRect();
        const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
        let best = -1;
        let least = 20 * 20;
        xs.forEach((_, index) => {
          const far = (xs[index] - x) ** 2 + (ys[index] - y) ** 2;
          if (far < least) [best, least] = [index, far];
        });
        if (best !== place) point(map, (place = best));
      });
      const leave = () => point(map, (place = -1));
      svg.addEventListener("pointerleave", leave);
      svg.addEventListener("blur", leave);
      svg.addEventListener("keydown", (event) => {
        const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
        if (event.key === "Escape") leave();
        if (!(event.key in ways)) return;
        event.preventDefault();
        const next = place < 0 ? 0 : neighbour(...ways[event.key]);
        if (next >= 0) point(map, (place = next));
      });
    }

    // The nearest point roughly in a direction; points far off that direction count as further away.
    function neighbour(dx, dy) {
      let best = -1;
      let least = Infinity;
      xs.forEach((_, index) => {
        const [x, y] = [xs[index] - xs[place], ys[index] - ys[place]];
        const [along, aside] = [x * dx + y * dy, Math.abs(x * dy) + Math.abs(y * dx)];
        if (index === place || along < 0.01 || aside > 1.5 * along) return;
        if (along + 2 * aside < least) [best, least] = [index, along + 2 * aside];
      });
      return best;
    }

    draw.fit(plot, () => { if (width) own.paint(coding(shown().map((one) => data.maps[one.dataset.map]))); });
    painted.push(own);
  }

  const shown = () => figures.filter((figure) => figure.dataset.encoder === encoder.value);

  function paint() {
    for (const figure of figures) figure.hidden = figure.dataset.encoder !== encoder.value;
    const maps = shown().map((figure) => data.maps[figure.dataset.map]);
    const hasLanguages = maps.some((map) => map.languages.some((language) => language));
    for (const option of label.options) option.hidden = option.disabled = option.value === "language" && !hasLanguages;
    if (label.value === "language" && !hasLanguages) label.selectedIndex = 0;
    const code = coding(maps);
    showLegend(code);
    for (const one of painted) if (!one.figure.hidden) one.paint(code);
  }

  // Labels to colour by. The first is one that sorts the clips into a few kinds.
  const names = data.maps.some((map) => map.languages.some((language) => language)) ? [...data.labels, "language"] : data.labels;
  for (const name of names) label.append(new Option(name, name));
  const first = names.find((name) => {
    const kinds = new Set(data.clips.map((clip) => clip.labels[name]));
    return kinds.size > 1 && kinds.size <= 16;
  });
  if (first) label.value = first;
  for (const figure of figures) chart(figure, data.maps[figure.dataset.map]);
  for (const control of [encoder, method, label]) {
    control.addEventListener("change", () => {
      if (control !== method) chosen = null;
      paint();
    });
  }
  controls.addEventListener("submit", (event) => event.preventDefault());
  paint();
})();
