const add = (...numbers) => numbers.reduce((a, b) => a + b, 0);

export default async ({ args: { start, ...others } }) => {
    const merged = { ...others, ...{ b: 2 }, c: [...new Set([1, 1, 2])] };
    let a = null;
    a ??= "filled";
    a ||= "kept";
    const big = 1_000, { b = 5, z = 6 } = merged;
    const out = [start, merged, a, big, b, z, add(...[1, 2, 3]), 2 ** 10];
    throw new Error(JSON.stringify(out)); // here: [7,{"b":2,"c":[1,2]},"filled",1000,2,6,6,1024]
};
