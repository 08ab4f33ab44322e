// Between a script and the program: timers, console, calls in both directions. `native` is the program's side.
(function (native, global, promises) {
    const timers = new Map(), waiting = new Map(), listeners = new Map(), functions = new Map();
    let made = 0;
    const Promise = promises.Promise;
    const define = (name, value) => Object.defineProperty(global, name, { value, writable: true, configurable: true });

    define("Promise", Promise);
    define("queueMicrotask", job => { promises.enqueue(() => job()); });

    function arm(repeat, fn, ms, args) {
        if (typeof fn !== "function")
            throw new TypeError("a timer takes a function");
        const id = ++made;
        timers.set(id, { fn, args, repeat, ms: Math.max(Number(ms) || 0, repeat ? 1 : 0) });
        native.startTimer(id, timers.get(id).ms);
        return id;
    }
    const disarm = id => { timers.delete(id); };
    define("setTimeout", function (fn, ms) { return arm(false, fn, ms, Array.prototype.slice.call(arguments, 2)); });
    define("setInterval", function (fn, ms) { return arm(true, fn, ms, Array.prototype.slice.call(arguments, 2)); });
    define("setImmediate", function (fn) { return arm(false, fn, 0, Array.prototype.slice.call(arguments, 1)); });
    define("clearTimeout", disarm);
    define("clearInterval", disarm);
    define("clearImmediate", disarm);

    const name = key => /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
    function inspect(value, depth, above) {
        if (typeof value === "string")
            return depth ? JSON.stringify(value) : value;
        if (typeof value === "function")
            return "[function " + (value.name || "without a name") + "]";
        if (value === null || typeof value !== "object")
            return String(value);
        if (value instanceof Error)
            return native.describe(value);
        if (value instanceof Date || value instanceof RegExp)
            return JSON.stringify(value) === "{}" ? String(value) : value.toISOString();
        if (above.indexOf(value) >= 0)
            return "[circular]";
        if (depth > 4)
            return Array.isArray(value) ? "[…]" : "{…}";
        const inner = above.concat([value]), each = element => inspect(element, depth + 1, inner);
        if (Array.isArray(value))
            return "[" + value.map(each).join(", ") + "]";
        if (value instanceof Map)
            return "Map {" + Array.from(value, pair => each(pair[0]) + " => " + each(pair[1])).join(", ") + "}";
        if (value instanceof Set)
            return "Set {" + Array.from(value, each).join(", ") + "}";
        const members = Object.keys(value).map(key => name(key) + ": " + each(value[key]));
        return members.length ? "{ " + members.join(", ") + " }" : "{}";
    }
    const print = function () {
        native.print(Array.prototype.map.call(arguments, value => inspect(value, 0, [])).join(" "));
    };
    define("console", { log: print, info: print, debug: print, warn: print, error: print });

    const { parse, stringify } = JSON, plain = Object.prototype, list = Array.prototype;
    const text = value => {
        if ("toJSON" in plain || "toJSON" in list)
            throw new TypeError("toJSON of Object.prototype or Array.prototype would change what is asked: take it away");
        const json = stringify(value);
        return json === undefined ? "null" : json;
    };
    function answered(id, promise) {
        promise.then(value => native.answered(id, text(value))).catch(error => native.threw(id, error));
    }

    // What the host module is made of: functions that answer at once, others that answer later, and events.
    const host = {
        now: (name, value) => parse(native.now(name, text(value))),
        later(name, value) {
            const id = ++made, error = new Error(); // made here, so that its stack tells of the caller
            return new Promise((resolve, reject) => {
                waiting.set(id, { resolve, reject, error });
                native.later(id, name, text(value));
            });
        },
        on: (channel, fn) => { listeners.set(channel, fn); },
        /// Lets the program call `fn` by its name.
        offer: (name, fn) => { functions.set(name, fn); },
        print,
        inspect: value => inspect(value, 0, []),
    };

    return {
        host,
        drain: promises.drain,
        fire(id) {
            const timer = timers.get(id);
            if (!timer)
                return;
            if (timer.repeat)
                native.startTimer(id, timer.ms);
            else
                timers.delete(id);
            timer.fn.apply(undefined, timer.args);
        },
        settle(id, ok, value) {
            const call = waiting.get(id);
            waiting.delete(id);
            if (ok)
                return call.resolve(JSON.parse(value));
            call.error.message = value;
            call.reject(call.error);
        },
        emit(channel, value) {
            const listener = listeners.get(channel);
            if (listener)
                listener(JSON.parse(value));
        },
        start(id, main, args) {
            answered(id, new Promise(resolve => resolve(main({ args: JSON.parse(args) }))));
        },
        call(id, name, values) {
            answered(id, new Promise(resolve => {
                if (!functions.has(name))
                    throw new Error("the script offers no " + name);
                resolve(functions.get(name).apply(undefined, JSON.parse(values)));
            }));
        },
    };
})
