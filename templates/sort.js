// Brings the sheets into the chosen order for keyboard and screen reader as well; the style sheet does it for the eye alone.
(() => {
  for (const choice of document.querySelectorAll(".sort")) {
    const list = choice.nextElementSibling, byNumber = [...list.children];
    choice.addEventListener("change", (event) => {
      const place = (item) => Number(getComputedStyle(item).getPropertyValue("--" + event.target.value));
      list.append(...(event.target.value ? byNumber.toSorted((a, b) => place(a) - place(b)) : byNumber));
    });
  }
})();
