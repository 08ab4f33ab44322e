export default async () => {
    const out = [
        Object.fromEntries([["a", 1]]), [1, [2, [3]]].flat(), [1, 2].flatMap(x => [x, x]), [1, 2, 3].at(-1), "abc".at(-1),
        "a.b.c".replaceAll(".", "-"), [..."a1b2".matchAll(/[a-z](\d)/g)].map(m => m[1]), " x ".trimStart(), " x ".trimEnd(),
        [3, 1, 2].toSorted(), [1, 2, 3].findLast(x => x < 3), globalThis === (0, eval)("this"), [...new Map([[1, 2]])],
        structuredClone({ when: new Date(0), list: [new Set([1])] }).list[0].has(1), Object.hasOwn({ a: 1 }, "a"),
        new TextDecoder().decode(new TextEncoder().encode("é")), [1, 2, 3].includes(2), "5".padStart(2, "0"),
        typeof setInterval, typeof URL, /b/y.sticky, [1, 2].with(0, 5), Object.groupBy([1, 2, 3], x => x % 2 ? "odd" : "even"),
    ];
    throw new Error(JSON.stringify(out)); // here: [{"a":1},[1,2,[3]],[1,1,2,2],3,"c","a-b-c",["1","2"],"x "," x",[1,2,3],2,true,[[1,2]],true,true,"é",true,"05","function","function",true,[5,2],{"odd":[1,3],"even":[2]}]
};
