import { args } from "nightshift";
import { greet, type Greeting } from "tiny";
import { shout } from "./own";

enum Level { Low = 1, High }

interface Options<T> {
    values: T[];
}

async function check<T extends string>({ values }: Options<T>): Promise<Greeting[]> {
    return Promise.all(values.map(async value => greet(value as string)));
}

export default async function ({ args: given }: { args: { start: number } }): Promise<never> {
    const out = [...await check({ values: ["a", "b"] }), shout("c"), Level.High, given.start satisfies number, args!.start];
    throw new Error(JSON.stringify(out)); // here: ["hello a","hello b","C!",2,7,7]
}
