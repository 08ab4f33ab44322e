// The code base is read once; many questions are asked from there, over the same cached beginning:
//   nightshift batch questions.js
import { map, read, session, write } from "nightshift";

export default async function () {
  const base = session({ sandbox: "read-only" });
  await base.send("Read docs/ and src/ and learn the structure.");
  const answers = await map(read.lines("questions.txt"), async q => {
    const f = await base.fork();
    try { return (await f.send(q)).text; } catch { return null; } finally { await f.close(); }
  }, { concurrency: 6 });
  write.jsonl("answers.jsonl", answers.map(text => ({ text })));
}
