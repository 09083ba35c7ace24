// Replaces the list of runs by its newest state every five seconds. Without this script the page reloads itself.
const list = document.getElementById("live");
const state = document.getElementById("live-state");
const PAUSE = 5000;

const busy = () => document.hidden || list.contains(document.activeElement) || !document.getSelection().isCollapsed;

const update = async () => {
  if (!busy()) {
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      const newest = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
      if (!busy()) list.replaceChildren(...newest.childNodes);
      state.textContent = "The list updates every 5 seconds.";
    } catch {
      state.textContent = "The list is not updated: the server does not answer. Is `herald local open` running?";
    }
  }
  setTimeout(update, PAUSE);
};

setTimeout(update, PAUSE);
