const after = (ms, value) => new Promise(resolve => setTimeout(resolve, ms, value));
const broken = why => Promise.reject(new Error(why));

export default async function () {
    const out = [];
    out.push(await Promise.all([after(3, "slow"), after(1, "quick"), "now"]));
    out.push(await Promise.race([after(50, "slow"), after(1, "quick")]));
    out.push(await Promise.any([broken("x"), after(1, "won")]));
    const settled = await Promise.allSettled([broken("x"), 1]);
    out.push(settled.map(one => one.status + (one.value ?? one.reason.message)));
    out.push(await Promise.any([broken("a"), broken("b")]).catch(e => [e.name, e.errors.map(x => x.message)]));
    out.push(await Promise.all([]), await Promise.allSettled(new Set([2])).then(all => all[0].value));
    throw new Error(JSON.stringify(out)); // here: [["slow","quick","now"],"quick","won",["rejectedx","fulfilled1"],["AggregateError",["a","b"]],[],2]
}
