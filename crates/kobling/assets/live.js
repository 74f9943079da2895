// Puts what is new into a page that says how often it changes; without this script the browser loads
// the whole page anew. What has the focus keeps it, as long as it is outside of what changes.
const seconds = () => Number(document.querySelector("[data-live]")?.dataset.live);

async function again() {
  const answer = await fetch(location.href);
  if (!answer.ok || answer.redirected) return location.reload();
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.querySelector("main");
  const live = document.querySelector("[data-live]");
  const told = next?.querySelector("[data-live]") ?? next?.querySelector("h1 + div");
  if (!live || !told) return location.reload();
  const focused = live.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  live.replaceWith(document.adoptNode(told));
  if (focused) document.querySelector(`main a[href="${focused}"]`)?.focus();
  wait();
}

function wait() {
  if (seconds() > 0) setTimeout(again, seconds() * 1000);
}

wait();
