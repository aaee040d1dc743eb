// Cells of the course that run in the page: those that their notebook tags "live". Run also runs what
// comes before and has not run yet, so that every name is there. Python is that of ../play/; it is
// fetched with the first Run; where it was not built, or no server is there, there is nothing to press.
(() => {
  const here = document.currentScript.src;
  const cells = [...document.querySelectorAll(".cell.tag_live")];
  if (!cells.length || location.protocol === "file:") return;
  const words = location.pathname.includes("/zh/")
    ? { run: "▶ 运行", stop: "■ 停止", starting: "Python 正在启动 …", busy: "正在运行 …", name: "代码" }
    : { run: "▶ Run", stop: "■ Stop", starting: "Python is starting …", busy: "running …", name: "Code" };

  const element = (name, ...rest) => Object.assign(document.createElement(name), ...rest);

  import(new URL("../play/runner.js", here)).then(({ Runner, elementOf }) => {
    const ran = new Set();
    let runner, running = false;
    document.head.append(element("link", { rel: "stylesheet", href: new URL("live.css", here).href }));

    // The results of a cell, in the place of those that the page came with.
    function show(cell, outputs) {
      let place = cell.querySelector(":scope > .cell_output");
      if (!place) cell.append(place = element("div", { className: "cell_output docutils container" }));
      place.replaceChildren(...outputs.map(elementOf));
    }

    // One cell; false where it fails. What was typed has <br> for its line ends: innerText knows.
    async function one({ cell, source, state }) {
      state.textContent = runner.ready ? words.busy : words.starting;
      try {
        const { outputs } = await runner.ask({ what: "cell", code: source.innerText }, 300);
        show(cell, outputs);
        if (outputs.some(({ kind }) => kind === "error")) return false;
        ran.add(cell);
        return true;
      } catch (error) {
        ran.clear(); // Python starts anew, without any names
        show(cell, [{ kind: "error", text: error.message }]);
        return false;
      } finally {
        state.textContent = "";
      }
    }

    async function run(last) {
      runner ??= new Runner();
      if (running) return runner.stop();
      running = true;
      last.button.textContent = words.stop;
      try {
        for (const part of parts.slice(0, parts.indexOf(last) + 1)) {
          if (part !== last && ran.has(part.cell)) continue;
          if (!(await one(part))) {
            part.cell.scrollIntoView({ block: "nearest" });
            break;
          }
        }
      } finally {
        running = false;
        last.button.textContent = words.run;
      }
    }

    const parts = cells.map((cell, i) => {
      const source = cell.querySelector(".cell_input pre");
      const bar = element("div", { className: "live-bar" });
      const button = element("button", { type: "button", textContent: words.run });
      const state = element("span", { role: "status" });
      const part = { cell, source, button, state };
      source.contentEditable = "plaintext-only";
      Object.assign(source, { spellcheck: false, role: "textbox", ariaMultiLine: "true", ariaLabel: `${words.name} ${i + 1}`, tabIndex: 0 });
      source.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || !(event.shiftKey || event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        run(part);
      });
      button.onclick = () => run(part);
      bar.append(button, state);
      cell.querySelector(".cell_input").append(bar);
      return part;
    });
  }, () => { /* the page that has Python was not built */ });
})();
