// Fetches the page again every few seconds and puts the new <main> in, while nobody is reading closely.
"use strict";
(() => {
  const main = document.querySelector("main[data-refresh]");
  if (!main) return;

  const busy = () =>
    document.hidden ||
    main.contains(document.activeElement) ||
    !!main.querySelector("details[open]") ||
    !window.getSelection().isCollapsed;

  const refresh = async () => {
    if (busy()) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || busy()) return;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    if (next && next.innerHTML !== main.innerHTML) main.replaceChildren(...next.childNodes);
  };

  setInterval(() => refresh().catch(() => {}), Number(main.dataset.refresh) * 1000);
})();
