export default async () => {
    const out = [];
    setTimeout(() => out.push("timer"), 0);
    queueMicrotask(() => out.push("job"));
    (async () => {
        out.push("begun");
        await null;
        out.push("continued");
    })();
    Promise.resolve().then(() => out.push("then"));
    out.push("rest");
    await new Promise(resolve => setTimeout(resolve, 5));
    const id = setInterval(() => out.push("tick"), 1);
    while (out.filter(x => x === "tick").length < 2)
        await new Promise(resolve => setImmediate(resolve));
    clearInterval(id);
    throw new Error(out.join()); // here: begun,rest,job,continued,then,timer,tick,tick
};
