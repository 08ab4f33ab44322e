function* inner() {
    try {
        const got = yield 1;
        yield got + 1;
    } finally {
        yield "end";
    }
}

function* outer() {
    const { a, ...rest } = { a: 0, b: 2, c: 3 };
    yield* inner();
    yield rest;
}

export default () => {
    const it = outer(), out = [it.next().value, it.next(10).value, it.return(5).value, it.next()];
    throw new Error(JSON.stringify(out)); // here: [1,11,"end",{"value":{"b":2,"c":3},"done":false}]
};
