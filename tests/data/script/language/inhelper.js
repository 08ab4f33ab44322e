import { fails } from "./failing.js";

export default async () => {
    await null;
    fails({ list: [] });
};
