// The module "nightshift" as scripts of `nightshift batch` see it; `base` is what hooks have of it, too. In the engine's
// own words: this is not bundled.
(function (host, args, base) {
    const begun = host.now("begin", null);
    const own = (object, name, value) => Object.defineProperty(object, name, { value, configurable: true });
    const sessions = new Map(), judges = new Map(), cancelHooks = [];
    let handles = 0, isCancelled = false, onResult;
    // What is asked of the program: only what was written, whatever somebody did to Object.prototype.
    const { assign, create } = Object;
    const asked = function () { return assign.apply(undefined, [create(null)].concat(Array.from(arguments))); };
    const ownMember = (object, name) => Object.prototype.hasOwnProperty.call(object || {}, name) ? object[name] : undefined;

    // ---- results

    function result(plain) {
        own(plain, "orThrow", function () {
            if (this.ok)
                return this;
            const error = new Error((this.key ? this.key + ": " : "") + this.reason + (this.message ? ", " + this.message : ""));
            error.result = this;
            throw error;
        });
        if (!("diff" in plain))
            own(plain, "diff", ""); // there for whoever reads it, not in what is written
        return plain;
    }
    const told = r => onResult ? Promise.resolve(onResult(r)).then(changed => changed ? result(changed) : r) : r;
    const scriptError = (error, key) => result({ key, ok: false, outcome: "failed", reason: "script_error", attempts: [],
        message: error instanceof Error ? error.name + ": " + error.message : String(error), text: "", json: null, files: [] });
    const failed = value => value && typeof value === "object" && value.ok === false;

    // ---- one agent

    function order(prompt, options) {
        if (typeof prompt === "string")
            return asked(options, { prompt });
        if (prompt === null || typeof prompt !== "object")
            throw new TypeError("run() takes a prompt, or an object with one");
        return asked(prompt, options);
    }
    function start(options, optional) {
        const sent = asked(options);
        let judge;
        if (typeof sent.check === "function") {
            judges.set(judge = ++handles, sent.check);
            delete sent.check;
        }
        return host.later("run", asked({ options: sent, judge, optional })).then(result).then(told)
            .finally(() => judges.delete(judge));
    }
    host.offer("judge", (judge, plain) => Promise.resolve(judges.get(judge)(result(plain))).then(verdict =>
        verdict === false ? "the check says no" : typeof verdict === "string" && verdict !== "" ? verdict : null));
    const run = (prompt, options) => new Promise(resolve => resolve(start(order(prompt, options))));

    class Session {
        constructor(handle, options) {
            own(this, "handle", handle);
            own(this, "options", options);
            own(this, "listeners", []);
            own(this, "sends", { open: 0 });
            this.id = ownMember(options, "id") || "";
            this.status = "idle";
            this.usage = {};
            sessions.set(handle, this);
        }
        ask(verb, more) {
            return host.later("session." + verb, asked({ handle: this.handle, options: this.options }, more));
        }
        send(input, options) {
            ++this.sends.open;
            this.status = "running";
            return this.ask("send", asked({ input }, options)).finally(() => {
                if (--this.sends.open === 0 && this.status === "running")
                    this.status = "idle";
            }).then(answer => {
                this.id = answer.session || this.id;
                this.usage = answer.total || this.usage;
                delete answer.total;
                return result(answer);
            });
        }
        steer(input) { return this.ask("steer", { input }); }
        cancel(options) { return this.ask("cancel", options); }
        fork(options) {
            const child = ++handles;
            const isolation = ownMember(options, "isolation");
            const settings = asked(this.options, isolation ? { isolation } : {});
            delete settings.id;
            return this.ask("fork", asked({ child }, options)).then(() => new Session(child, settings));
        }
        on(type, fn) {
            const entry = { matches: name => type === "*" || name === type || type.slice(-2) === ".*" && name.indexOf(type.slice(0, -1)) === 0, fn };
            if (this.listeners.push(entry) === 1)
                this.ask("listen");
            return () => { this.listeners.splice(this.listeners.indexOf(entry), 1); };
        }
        diff() { return this.ask("diff"); }
        apply(options) { return this.ask("apply", options); }
        bundle(path) { return this.ask("bundle", { path }); }
        close() {
            this.status = "closed";
            return this.ask("close");
        }
    }
    host.offer("heard", () => null);
    host.on("session", told => {
        const session = sessions.get(told.handle);
        session.listeners.slice().forEach(entry => entry.matches(told.event.type) && entry.fn(told.event));
    });

    // ---- many

    function semaphore(n) {
        let free = n;
        const waiting = [];
        const release = () => {
            const next = waiting.shift();
            if (next)
                next(once());
            else
                ++free;
        };
        const once = () => {
            let open = true;
            return () => {
                if (open)
                    release();
                open = false;
            };
        };
        return {
            acquire: () => free > 0 ? (--free, Promise.resolve(once())) : new Promise(resolve => waiting.push(resolve)),
            use(fn) {
                return this.acquire().then(done => new Promise(resolve => resolve(fn())).finally(done));
            },
        };
    }

    const automatic = 256; // so many wait at most for the program, which asks as much of the server as it bears
    function map(items, fn, options) {
        const given = options || {}, all = Array.from(items), results = new Array(all.length);
        const width = given.concurrency > 0 ? given.concurrency : automatic;
        let next = 0, failures = 0;
        const stop = () => isCancelled || given.stop_after > 0 && failures >= given.stop_after;
        const keyOf = (item, i) => typeof given.key === "function" ? given.key(item, i) : undefined;
        const worker = () => {
            if (next >= all.length || stop())
                return Promise.resolve();
            const i = next++;
            return new Promise(resolve => resolve(fn(all[i], i))).catch(error => scriptError(error, keyOf(all[i], i)))
                .then(value => {
                    results[i] = value;
                    failures += failed(value) ? 1 : 0;
                    if (value && value.reason === "script_error")
                        host.now("failure", { key: value.key || String(i), message: value.message });
                }).then(worker);
        };
        return Promise.all(Array.from({ length: Math.min(width, all.length) }, worker)).then(() => results);
    }

    function pipeline(items) {
        const stages = Array.prototype.slice.call(arguments, 1);
        return map(items, (item, i) => stages.reduce((before, stage) => before.then(value => stage(value, item, i)),
                                                     Promise.resolve(item)));
    }

    function bestOf(n, options, pick) {
        const tries = Array.from({ length: n }, (none, i) =>
            start(options.key ? asked(options, { key: options.key + "/" + (i + 1) }) : options, true));
        return Promise.all(tries).then(results => {
            const best = pick ? pick(results) : results.find(r => r.ok);
            return Promise.resolve(best).then(chosen => {
                const one = typeof chosen === "number" ? results[chosen] : chosen;
                if (!one || !one.ok)
                    host.now("failure", { key: (one || results[0]).key });
                return one || results[0];
            });
        });
    }

    const template = (text, vars) => host.now("template", { text, vars: vars || {} });

    // The JSON of POST /v1/batches, but that prompt, key and check may be functions, and items their variables alone.
    function batch(spec) {
        const sent = asked(spec);
        const has = name => typeof ownMember(spec, name) === "function" && delete sent[name];
        const asks = has("prompt"), names = has("key"), judge = has("check") ? ++handles : undefined;
        sent.items = Array.from(spec.items, (given, i) => {
            const item = ownMember(given, "vars") ? asked(given) : asked({ vars: given });
            if (asks)
                item.prompt = String(spec.prompt(item.vars, i)).replace(/\{\{/g, "\\{{");
            if (names)
                item.key = String(spec.key(item.vars, i));
            return item;
        });
        if (judge)
            judges.set(judge, spec.check);
        return host.later("batch", { spec: sent, judge }).then(report =>
            Promise.all(report.items.map(item => told(result(item)))).then(items => Object.assign(report, { items }))
        ).finally(() => judges.delete(judge));
    }

    // ---- inputs

    const kinds = { number: Number, boolean: text => text === "true" || text === "1", json: JSON.parse, string: String };
    const read = {
        text: path => host.now("read", { path }),
        stdin: () => host.now("stdin", null),
        json: path => JSON.parse(read.text(path)),
        lines: path => read.text(path).split(/\r?\n/).filter(line => line !== ""),
        jsonl: path => read.lines(path).map((line, i) => {
            try {
                return JSON.parse(line);
            } catch (error) {
                throw new SyntaxError(path + ":" + (i + 1) + ": " + error.message);
            }
        }),
        csv(path, options) {
            const given = options || {}, types = given.types || {};
            const table = host.now("csv", { path, header: given.header !== false, delimiter: given.delimiter });
            if (given.header === false)
                return table.rows;
            return table.rows.map(cells => {
                const row = {};
                table.header.forEach((name, i) => row[name] = types[name] ? kinds[types[name]](cells[i]) : cells[i]);
                return row;
            });
        },
    };

    // ---- outputs

    const rowsOf = report => Array.isArray(report) ? report : report.items;
    const write = {
        text: (path, text) => host.now("write", { path, text: String(text) }),
        jsonl: (path, rows) => write.text(path, rows.map(row => JSON.stringify(row) + "\n").join("")),
        csv: (path, rows, options) => host.now("write.csv", Object.assign({ path, rows }, options)),
        junit: (path, report) => host.now("write.junit", { path, items: rowsOf(report), name: report.name }),
        markdown: (path, report) => host.now("write.markdown", { path, items: rowsOf(report), name: report.name }),
        sarif: (path, rows, pick) => {
            const found = pick || (row => "file" in row && !("ok" in row) ? row : undefined); // findings need no result
            const item = row => found(row) === undefined && !pick ? row : Object.assign({}, row, { ok: true, json: found(row) });
            return host.now("write.sarif", { path, items: rowsOf(rows).map(item) });
        },
    };

    // ---- control

    host.on("cancel", () => {
        isCancelled = true;
        cancelHooks.splice(0).forEach(fn => fn());
    });
    let seed = begun.seed | 0;
    function random() { // Mulberry32
        seed = seed + 0x6D2B79F5 | 0;
        let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
        t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
        return ((t ^ t >>> 14) >>> 0) / 4294967296;
    }

    return Object.assign({}, base, {
        args,
        run,
        session: options => new Session(++handles, asked(options)),
        map,
        pipeline,
        bestOf,
        batch,
        read,
        write,
        glob: (patterns, options) => host.now("glob", Object.assign({ patterns: [].concat(patterns) }, options)),
        matrix: (axes, options) => host.now("matrix", Object.assign({ axes }, options)),
        template,
        env: name => host.now("env", name) || undefined,
        progress: state => host.now("progress", state),
        phase: name => host.now("phase", String(name)),
        limits: {
            set: bounds => host.now("limits.set", bounds),
            spent: () => host.now("limits.spent", null),
            left: () => host.now("limits.left", null),
        },
        semaphore,
        cancelled: () => isCancelled,
        onCancel: fn => { isCancelled ? fn() : cancelHooks.push(fn); },
        random,
        hooks(set) {
            base.hooks(set);
            onResult = set.onResult;
            host.now("hooks", { names: Object.keys(set), on_failure: set.on_failure });
        },
    });
})
