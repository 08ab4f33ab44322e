// Nothing that the engine could not parse.
import { args } from "nightshift";
import { double } from "./plainhelper.mjs";

function* count(n) {
    for (let i = 0; i < n; ++i)
        yield i;
}

export default function (given) {
    const out = [...count(3)].map(double).concat(given.args.start, args?.start ?? 0);
    throw new Error(JSON.stringify(out)); // here: [0,2,4,7,7]
}
