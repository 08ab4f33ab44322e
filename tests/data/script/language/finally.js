const out = [];

async function inner() {
    try {
        await null;
        throw new Error("one");
    } catch {
        out.push("caught");
        return "returned";
    } finally {
        await null;
        out.push("finally");
    }
}

export default async function () {
    out.push(await inner());
    try {
        await Promise.reject(new Error("two")).finally(() => out.push("cleaned"));
    } catch (error) {
        out.push(error.message);
    }
    throw new Error(out.join()); // here: caught,finally,returned,cleaned,two
}
