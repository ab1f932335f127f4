// Tells the numbers of the position under the pointer, or under a mark that the arrow keys move. Pages say all that
// matters without it.
(() => {
  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const within = (value, count) => Math.max(0, Math.min(count - 1, value));
  const svg = (name, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  for (const figure of document.querySelectorAll("[data-occlusion]")) {
    const data = globalThis.deconvscope?.[figure.dataset.occlusion];
    if (!data) continue;
    const out = figure.querySelector("[aria-live]");
    const maps = [...figure.querySelectorAll("[data-map]")];
    const marks = [...figure.querySelectorAll("[data-map], [data-photo]")].map((place) => {
      const boxes = svg("svg", { class: "boxes", viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": true });
      const mark = ["halo", "box field"].map((name) => svg("rect", { class: name, visibility: "hidden" }));
      boxes.append(...mark);
      place.querySelector(".pic").append(boxes);
      return { mark, photo: place.hasAttribute("data-photo") };
    });
    let row = Math.floor(data.worst / data.columns), column = data.worst % data.columns;
    const show = (toRow, toColumn) => {
      row = within(toRow, data.rows);
      column = within(toColumn, data.columns);
      const at = row * data.columns + column, y = row * data.stride, x = column * data.stride;
      const told = (list) => list[at] ?? "–";
      const values = {
        y, x, class: data.class, probability: told(data.probability),
        top: data.classes[data.top[at]] ?? "–", top_probability: told(data.top_probability),
        activation: told(data.activation),
      };
      out.textContent = data.say.replace(/\{(\w+)\}/g, (gap, name) => values[name] ?? gap);
      for (const { mark, photo } of marks) {
        const inset = photo ? 0 : data.inset, side = photo ? data.occluder : data.stride;
        const across = (pixels) => (pixels / data.width) * 100, down = (pixels) => (pixels / data.height) * 100;
        const place = { x: across(x + inset), y: down(y + inset), width: across(side), height: down(side), visibility: "visible" };
        for (const rect of mark) for (const [key, value] of Object.entries(place)) rect.setAttribute(key, value);
      }
    };
    for (const map of maps) {
      map.tabIndex = 0;
      map.setAttribute("role", "application");
      map.setAttribute("aria-label", map.dataset.map + ". " + data.keys);
      const point = (event) => {
        const area = map.getBoundingClientRect();
        const position = (part, side) => Math.floor((part * side - data.inset) / data.stride);
        show(position((event.clientY - area.top) / area.height, data.height), position((event.clientX - area.left) / area.width, data.width));
      };
      map.addEventListener("pointermove", point);
      map.addEventListener("pointerdown", point);
      map.addEventListener("focus", () => show(row, column));
      map.addEventListener("keydown", (event) => {
        const step = steps[event.key];
        if (step) show(row + step[0], column + step[1]);
        else if (event.key === "Home") show(Math.floor(data.worst / data.columns), data.worst % data.columns);
        else return;
        event.preventDefault();
      });
    }
    figure.querySelector("[data-hint]").hidden = false;
  }
})();
