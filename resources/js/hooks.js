// The module "nightshift" as files of hooks see it. In the engine's own words: this is not bundled.
(function (host, args) {
    const moments = ["onSessionStart", "onSessionEnd", "onPrompt", "onCommand", "onPatch", "onTool", "onToolEnd",
                     "onApproval", "onTurnEnd", "onEvent", "onResult"];
    const failures = ["deny", "abort", "allow"];
    let given;

    function hooks(set) {
        if (given)
            throw new Error("hooks() is called once");
        Object.keys(set).forEach(name => {
            if (name === "on_failure" ? failures.indexOf(set[name]) < 0 : typeof set[name] !== "function")
                throw new TypeError("hooks(): " + name + " must be " + (name === "on_failure" ? failures.join(", ") : "a function"));
            if (name !== "on_failure" && moments.indexOf(name) < 0)
                throw new TypeError("hooks(): there is no " + name + "; there are " + moments.join(", "));
        });
        given = set;
    }

    host.offer("described", () => {
        if (!given)
            throw new Error("it must call hooks({ … }), which it imports from \"nightshift\"");
        return { hooks: moments.filter(name => given[name]), on_failure: given.on_failure };
    });
    const refuse = (where, what) => { throw new TypeError("the answer makes no sense: " + where + " " + what); };
    const deciding = ["decision", "continue", "hookSpecificOutput", "permissionDecision", "behavior"];
    // Plain data, every member read once. What an object only inherits, computes or invents would be missing in its
    // JSON, and a denial would be taken for no opinion.
    function plain(value, where) {
        if (typeof value === "function" || typeof value === "symbol")
            refuse(where, "is a " + typeof value);
        if (value === null || typeof value !== "object")
            return value;
        const isArray = Array.isArray(value), above = Object.getPrototypeOf(value);
        if (isArray ? above !== Array.prototype : above !== Object.prototype && above !== null)
            refuse(where, "is no plain object");
        const copy = isArray ? [] : Object.create(null);
        for (const key of Reflect.ownKeys(value)) {
            if (typeof key !== "string" || (isArray && key === "length"))
                continue;
            const member = Object.getOwnPropertyDescriptor(value, key);
            if (!member || !("value" in member) || !member.enumerable)
                refuse(where + "." + key, "is not a plain member");
            if (key === "toJSON" || key === "__proto__")
                refuse(where + "." + key, "is no member of an answer");
            copy[key] = plain(member.value, where + "." + key);
        }
        deciding.forEach(name => {
            if (!isArray && !(name in copy) && (name in value || value[name] !== undefined))
                refuse(where + "." + name, "is not its own member");
        });
        return copy;
    }
    const known = answer => answer === null ? "null" : plain(answer, "it"); // undefined alone is no opinion
    host.offer("hook", (name, event) => {
        const answer = given[name](event);
        return answer && typeof answer.then === "function" ? Promise.resolve(answer).then(known) : known(answer);
    });

    const decision = (word, members) => Object.assign({ decision: word }, members);
    return {
        args,
        hooks,
        allow: () => decision("allow"),
        deny: reason => decision("deny", { reason: String(reason) }),
        rewrite: what => decision("rewrite", what),
        ask: options => decision("ask", options),
        again: message => decision("again", { message: String(message) }),
        exec: (argv, options) => host.later("exec", Object.assign({ argv }, options)),
        sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
        log: host.print,
    };
})
