// Highlights the neighbors of the box under the pointer or with the focus. The rest of the page works without it.
const picture = document.getElementById("picture");
const edges = [...picture.querySelectorAll(".edges path")];

const light = (node) => {
  picture.classList.toggle("lit", Boolean(node));
  for (const each of picture.querySelectorAll(".near")) each.classList.remove("near");
  if (!node) return;
  const near = new Set([node.dataset.node]);
  for (const edge of edges) {
    const { from, to } = edge.dataset;
    if (from !== node.dataset.node && to !== node.dataset.node) continue;
    edge.classList.add("near");
    near.add(from).add(to);
  }
  for (const each of picture.querySelectorAll(".node")) each.classList.toggle("near", near.has(each.dataset.node));
};

for (const type of ["pointerover", "focusin"]) picture.addEventListener(type, (event) => light(event.target.closest(".node")));
for (const type of ["pointerleave", "focusout"]) picture.addEventListener(type, () => light(null));
