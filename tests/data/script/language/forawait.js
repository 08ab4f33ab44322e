async function* pages() {
    for (let page = 1; page <= 3; ++page) {
        await new Promise(resolve => setTimeout(resolve, 1));
        yield page;
    }
}

export default async function () {
    const out = [];
    for await (const page of pages())
        out.push(page);
    for await (const value of [Promise.resolve("a"), "b"])
        out.push(value);
    throw new Error(JSON.stringify(out)); // here: [1,2,3,"a","b"]
}
