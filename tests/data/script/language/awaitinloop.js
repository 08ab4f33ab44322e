const later = x => new Promise(resolve => setTimeout(() => resolve(x), 1));

export default async function () {
    const out = [];
    for (const x of [1, 2, 3])
        out.push(await later(x));
    let n = 0;
    while (await later(n < 2))
        out.push(n++);
    throw new Error(JSON.stringify(out)); // here: [1,2,3,0,1]
}
