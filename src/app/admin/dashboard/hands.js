// What an operator may change by hand. The gateway says who this is, and which role each change needs; what the role does not allow is
// disabled, with a sentence. The gateway refuses it all the same.

import { byId, say } from "./page.js";
import { TokenNeeded, change } from "./source.js";

const SURE_WITHIN_MS = 5000;

let allowed = new Set(); // paths

export function showOperator({ name, role, known_by: by, changes }) {
  byId("hands").hidden = false;
  say(byId("hands-who"), by === "none" ? "nobody has to prove who they are here" : `you are ${name}, by ${by}, with the role ${role}`);
  allowed = new Set(changes.filter((one) => one.allowed).map((one) => one.path));
  for (const control of document.querySelectorAll("[data-changes]")) control.disabled = !allowed.has(control.dataset.changes);
  for (const sentence of document.querySelectorAll("[data-missing]")) {
    const { needs } = changes.find((one) => one.path === sentence.dataset.missing);
    sentence.hidden = allowed.has(sentence.dataset.missing);
    say(sentence, `This needs the role ${needs}; ${name} has ${role}.`);
  }
}

function inWords(answer) {
  if (answer.message) return answer.message;
  if ("purged" in answer) return `${answer.purged} cached answer${answer.purged === 1 ? "" : "s"} purged.`;
  if ("set" in answer) return `Nothing is sent for ${Math.round(answer.ends_in_s / 60)} min.`;
  if ("lifted" in answer) return answer.lifted ? "Requests are sent again." : "There was no pause.";
  return answer.changed.length ? `Reloaded: ${answer.changed.join(", ")}.` : "Reloaded. No setting has changed.";
}

export function hands(locked) {
  async function make(path) {
    try {
      say(byId("hands-answer"), "…");
      say(byId("hands-answer"), inWords(await change(path)));
    } catch (error) {
      say(byId("hands-answer"), "The gateway did not answer.");
      if (error instanceof TokenNeeded) locked();
    }
  }

  byId("purge-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const call = byId("purge-call").value.trim();
    make(`/api/purge?call_sid=${encodeURIComponent(call)}${byId("purge-depth").value}`);
    byId("purge-call").value = "";
  });

  // What concerns all clients takes a second press.
  for (const button of document.querySelectorAll("button[type=button][data-changes]")) {
    const label = button.textContent;
    let timer = 0;
    const calm = () => {
      clearTimeout(timer);
      timer = 0;
      say(button, label);
    };
    button.addEventListener("click", () => {
      if (!timer) {
        say(button, `${label}: sure?`);
        timer = setTimeout(calm, SURE_WITHIN_MS);
        return;
      }
      calm();
      make(button.dataset.changes);
    });
  }
}
