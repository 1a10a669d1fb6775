// What the pages do besides: everything on them can be read without this.
"use strict";

// Live parts come anew from the server while somebody looks at them.
for (const part of document.querySelectorAll("[data-live]")) {
  let source = null;
  const open = () => {
    source ??= new EventSource(part.dataset.live);
    source.onmessage = (event) => {
      if (part.contains(document.activeElement)) return; // nobody's field is taken from under the hands
      part.innerHTML = event.data; // escaped by the server's templates; no script in it can run
    };
  };
  const close = () => { source?.close(); source = null; };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  open();
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = document.createElement("textarea"); // navigator.clipboard is for TLS alone
    field.value = button.dataset.copy;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.textContent = "Copied";
  });
}

const links = () => [...document.querySelectorAll(".rows tbody tr td:first-child a, ul.rows > li a")];
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input, select, textarea")) return;
  const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "/") {
    const field = document.querySelector("main input:not([type=hidden])");
    if (field) field.focus();
    else location.href = "/corpus";
  } else if (event.key === "?") {
    document.getElementById("help").showModal();
  } else if (event.key === "r") {
    location.reload();
  } else if (move && links().length) {
    const all = links();
    const next = all.indexOf(document.activeElement) + move;
    all[Math.min(Math.max(next, 0), all.length - 1)].focus();
  } else return;
  event.preventDefault();
});

const drop = document.getElementById("drop");
if (drop) {
  const list = document.getElementById("uploads");
  const send = async (file) => {
    const line = document.createElement("li");
    line.textContent = `${file.name}: on its way …`;
    list.prepend(line);
    const answer = await fetch(`/api/v1/files?name=${encodeURIComponent(file.name)}`, {
      method: "POST", body: file,
      headers: { "Content-Type": "application/octet-stream", "X-CSRF-Token": document.body.dataset.csrf },
    });
    const said = await answer.json();
    if (!answer.ok) {
      line.textContent = `${file.name}: ${said.detail}`;
      line.className = "reason";
      return;
    }
    const name = said.path.split("/").pop();
    line.textContent = `${name}: ${said.size_bytes.toLocaleString("en")} bytes taken; `;
    const link = document.createElement("a");
    link.href = `/documents?path=${encodeURIComponent(name)}`;
    link.textContent = "what became of it";
    line.append(link);
  };
  const sendAll = async (files) => { for (const file of files) await send(file).catch((error) => console.error(error)); };
  for (const name of ["dragover", "dragenter"]) {
    drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    sendAll([...event.dataTransfer.files]);
  });
  drop.addEventListener("submit", (event) => {
    event.preventDefault();
    sendAll([...drop.querySelector("input[type=file]").files]);
    drop.reset();
  });
}
