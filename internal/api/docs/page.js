"use strict";
// Hides the operations whose text lacks one of the words of the search.
const search = document.getElementById("search");
const articles = [...document.querySelectorAll("article")].map((article) => [article, article.textContent.toLowerCase()]);
search.hidden = false;
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/);
  for (const [article, text] of articles) {
    article.hidden = !words.every((word) => text.includes(word));
    document.querySelector(`[data-op="${article.id}"]`).hidden = article.hidden;
  }
  for (const group of document.querySelectorAll(".group")) {
    group.hidden = !group.querySelector("article:not([hidden]), li:not([hidden])");
  }
});
