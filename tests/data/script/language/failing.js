export async function unused() {}

export function fails({ list }) {
    const name = list
        .map(x => x.name)
        .join();
    if (name === "")
        throw new Error("deep"); // here: deep
}
