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
    const known = answer => answer === null ? "null" : answer; // undefined alone is no opinion
    host.offer("hook", (name, event) => {
        const answer = given[name](event);
        return answer instanceof Promise ? answer.then(known) : known(answer);
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
