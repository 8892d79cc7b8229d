// Keeps a dashboard alive: puts what the server sends in the place of what it sent before, as text and elements, never as HTML.
"use strict";

(() => {
    const SILENCE = 3500, LONGEST_WAIT = 30000, MANY_COLUMNS = 4;
    const SIGNS = { good: "✓", warning: "▲", bad: "✖" };
    const SVG = "http://www.w3.org/2000/svg";
    const byId = id => document.getElementById(id);
    const panels = byId("panels"), state = byId("state"), at = byId("at");
    const shown = new Map(), charts = new Map();
    let source = null, heardAt = 0, failures = 0, next = 0, isLive = false;

    function make(tag, attributes, ...children) {
        return fill(document.createElement(tag), attributes, children);
    }

    function draw(tag, attributes, ...children) {
        return fill(document.createElementNS(SVG, tag), attributes, children);
    }

    function fill(element, attributes, children) {
        for (const [name, value] of Object.entries(attributes)) {
            element.setAttribute(name, value);
        }

        element.append(...children);
        return element;
    }

    /** Changes a text only if it is another: what is read aloud is not read again. */
    function say(element, text) {
        if (element.textContent !== text) {
            element.textContent = text;
        }
    }

    // ---- Tables

    function row(cells, columns) {
        return make("tr", { role: "row" }, ...cells.slice(0, columns.length).map((cell, i) => make(
            "td", { role: "cell", "class": cell.state, "data-column": columns[i] },
            ...(SIGNS[cell.state] ? [make("span", { "class": "sign", role: "img", "aria-label": cell.state }, SIGNS[cell.state])] : []),
            make("span", {}, cell.text))));
    }

    function table(label, columns, rows) {
        const none = make("tr", { role: "row" }, make("td", { role: "cell", "class": "none", colspan: String(Math.max(columns.length, 1)) }, "none"));
        return [
            make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...columns.map(column => make("th", { role: "columnheader", scope: "col" }, column)))),
            make("tbody", { role: "rowgroup" }, ...(rows.length ? rows.map(cells => row(cells, columns)) : [none])),
        ];
    }

    function region(label) {
        return make("div", { "class": "scroll", role: "region", tabindex: "0", "aria-label": label }, make("table", { role: "table" }));
    }

    // ---- Charts

    const time = instant => new Date(instant).toISOString().slice(11, 19);
    const number = value => value === null || value === undefined ? "–" : String(value);
    const brief = value => value === null || value === undefined ? "–" : value >= 100 ? value.toFixed(0) : String(+value.toPrecision(3));

    /** The next of 1, 2, 5, 10, 20 … */
    function ceiling(value) {
        const power = Math.pow(10, Math.floor(Math.log10(value)));
        return [1, 2, 5, 10].map(factor => factor * power).find(each => each >= value * 0.999);
    }

    function numbers(chart) {
        const count = Math.max(0, ...chart.series.map(series => series.values.length)), last = Date.parse(chart.lastAt), rows = [];
        for (let back = 0; back < count; back++) {
            rows.push([
                { text: time(last - back * chart.stepSeconds * 1000), state: "plain" },
                ...chart.series.map(series => ({ text: number(series.values[series.values.length - 1 - back]), state: "plain" })),
            ]);
        }

        return rows;
    }

    function lines(series, i, x, y) {
        const runs = [[]];
        series.values.forEach((value, at) => value === null ? runs.push([]) : runs.at(-1).push([x(at - series.values.length), y(value)]));
        return runs.filter(run => run.length > 0).map(run => run.length === 1
            ? draw("circle", { "class": `dot s${i}`, cx: run[0][0], cy: run[0][1], r: 2 })
            : draw("polyline", { "class": `line s${i}`, points: run.map(point => point.map(each => each.toFixed(1)).join(",")).join(" ") }));
    }

    function picture(title, chart, width) {
        const height = 170, left = 46, right = 8, top = 8, bottom = 22;
        const count = Math.max(2, ...chart.series.map(series => series.values.length));
        const most = ceiling(Math.max(0.001, ...chart.series.flatMap(series => series.values.filter(value => value !== null))));
        const x = fromEnd => width - right + (fromEnd + 1) * (width - left - right) / (count - 1);
        const y = value => top + (1 - value / most) * (height - top - bottom);
        const last = Date.parse(chart.lastAt), span = (count - 1) * chart.stepSeconds * 1000;
        const newest = chart.series.map(series => `${series.name} ${brief(series.values.at(-1))}`).join(", ");
        const label = `${title}, ${chart.unit}, from ${time(last - span)} to ${time(last)} UTC. Newest: ${newest}. The numbers are in the table below.`;
        return draw(
            "svg", { role: "img", "aria-label": label, width: String(width), height: String(height), viewBox: `0 0 ${width} ${height}` },
            ...[0, 0.5, 1].flatMap(part => [
                draw("line", { "class": "grid", x1: left, x2: width - right, y1: y(most * part), y2: y(most * part) }),
                draw("text", { "class": "tick", x: left - 6, y: y(most * part) + 4, "text-anchor": "end" }, brief(most * part)),
            ]),
            ...[0, 0.5, 1].map(part => draw(
                "text", { "class": "tick", x: x(-1 - (1 - part) * (count - 1)), y: height - 5, "text-anchor": ["start", "middle", "end"][part * 2] },
                time(last - (1 - part) * span))),
            ...chart.series.flatMap((series, i) => lines(series, i, x, y)));
    }

    function legend(chart) {
        return make("ul", { "class": "legend" }, ...chart.series.map((series, i) => make(
            "li", {}, draw("svg", { "aria-hidden": "true", width: "26", height: "10" }, draw("line", { "class": `line s${i}`, x1: 0, x2: 26, y1: 5, y2: 5 })),
            ` ${series.name}: `, make("b", {}, brief(series.values.at(-1))), ` ${chart.unit}`)));
    }

    function redraw(place) {
        const of = charts.get(place);
        if (of && place.clientWidth > 0) {
            place.replaceChildren(picture(of.title, of.chart, place.clientWidth), legend(of.chart));
        }
    }

    const resized = new ResizeObserver(entries => entries.filter(entry => entry.contentRect.width !== charts.get(entry.target)?.width).forEach(entry => {
        const of = charts.get(entry.target);
        if (of) {
            of.width = entry.contentRect.width;
            redraw(entry.target);
        }
    }));

    // ---- Panels

    function place(panel) {
        const title = make("h2", { id: `${panel.id}-title` });
        return make(
            "section", { id: panel.id, "aria-labelledby": title.id }, title, make("p", { "class": "note" }), make("div", { "class": "chart" }), region(panel.title));
    }

    function put(panel) {
        const section = byId(panel.id) ?? place(panel), text = JSON.stringify(panel);
        if (shown.get(panel.id) !== text) {
            shown.set(panel.id, text);
            section.className = panel.columns.length > MANY_COLUMNS ? "wide" : "";
            say(section.querySelector("h2"), panel.title);
            say(section.querySelector(".note"), panel.note ?? "");
            section.querySelector(":scope > .scroll table").replaceChildren(...table(panel.title, panel.columns, panel.rows));
            putChart(section, panel);
        }

        return section;
    }

    function putChart(section, panel) {
        const spot = section.querySelector(".chart");
        let details = section.querySelector(":scope > details");
        if (!panel.chart) {
            charts.delete(spot);
            spot.replaceChildren();
            details?.remove();
            return;
        }

        if (!details) {
            details = make("details", {}, make("summary", {}), region(`Numbers of ${panel.title}`));
            section.append(details);
        }

        say(details.querySelector("summary"), `The chart’s numbers (${panel.chart.unit})`);
        details.querySelector("table").replaceChildren(...table(panel.title, ["at (UTC)", ...panel.chart.series.map(series => series.name)], numbers(panel.chart)));
        charts.set(spot, { title: panel.title, chart: panel.chart, width: spot.clientWidth });
        resized.observe(spot);
        redraw(spot);
    }

    function show(page) {
        document.title = page.title;
        say(document.querySelector("h1"), page.title);
        say(byId("subtitle"), page.subtitle);
        const sections = page.panels.map(put);
        const ids = page.panels.map(panel => panel.id);
        if (ids.join() !== [...panels.children].map(section => section.id).join()) {
            panels.replaceChildren(...sections);
        }

        const contents = page.panels.map(panel => `${panel.id} ${panel.title}`).join("\n");
        if (shown.get("") !== contents) {
            shown.set("", contents);
            byId("toc").replaceChildren(...page.panels.map(panel => make("li", {}, make("a", { href: `#${panel.id}` }, panel.title))));
        }

        sections.forEach(section => redraw(section.querySelector(".chart")));
    }

    // ---- Life: a page that is not heard of for a few seconds says so

    function tell(kind, text) {
        isLive = kind === "live";
        document.body.className = kind;
        say(state, text);
    }

    function end(text) {
        source?.close();
        source = null;
        failures++;
        const wait = Math.min(LONGEST_WAIT, 1000 * Math.pow(2, failures - 1)) * (0.8 + 0.4 * Math.random());
        next = performance.now() + wait;
        tell("stale", `${text}. It tries again within ${Math.ceil(wait / 1000)} s. What is shown is as it was`);
    }

    function begin() {
        heardAt = performance.now();
        source = new EventSource(document.body.dataset.stream);
        source.addEventListener("page", event => {
            try {
                show(JSON.parse(event.data));
            } catch (fault) {
                end("Not live: what came could not be shown");
                throw fault;
            }
        });
        source.addEventListener("looked", event => {
            heardAt = performance.now();
            failures = 0;
            at.textContent = event.data;
            if (!isLive) {
                tell("live", "Live: last looked");
            }
        });
        source.addEventListener("error", () => end("Not live: the connection has ended"));
    }

    function watch() {
        if (document.hidden) {
            return;
        }

        if (source && performance.now() - heardAt > SILENCE) {
            end("Not live: nothing was heard for some seconds");
        } else if (!source && performance.now() >= next) {
            begin();
        }
    }

    // Nobody looks: nothing is gathered for this page.
    document.addEventListener("visibilitychange", () => {
        if (document.hidden) {
            source?.close();
            source = null;
            tell("stale", "Not live: the page was out of sight");
        } else {
            next = 0;
            watch();
        }
    });
    setInterval(watch, 500);
    watch();
})();
