// Brings what is alive on the page up to date; what was opened stays open, who reads at the end stays at the end.
const every = 2000;

async function refresh() {
  if (document.hidden || location.search) return;
  const answer = await fetch(location.pathname, { cache: "no-store" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
  const shown = document.getElementById("live");
  if (!fresh || !shown) return;
  const opened = [...shown.querySelectorAll("details")].map((each) => each.open);
  fresh.querySelectorAll("details").forEach((each, at) => (each.open = Boolean(opened[at])));
  if (fresh.innerHTML === shown.innerHTML) return;
  const atTheEnd = document.getElementById("end")?.getBoundingClientRect().top < innerHeight + 40;
  shown.replaceWith(fresh);
  if (atTheEnd) document.getElementById("end")?.scrollIntoView();
}

setInterval(() => refresh().catch(() => {}), every);
